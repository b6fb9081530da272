"""Pages of a log spoilt, and salvage judged. `python -m tests.reliability.spoiling` spoils each once."""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from glucolog.storage import crypto
from glucolog.storage.check import check
from glucolog.storage.convert import convert
from glucolog.storage.crypto import Key
from glucolog.storage.engine import connect
from glucolog.storage.salvage import Salvaged, salvage
from glucolog.storage.tables import metadata
from sqlalchemy import Table
from tests.reliability import whole_log
from tests.reliability.pages import PAGE, Pages, taken_apart

Row = tuple[object, ...]
Rows = dict[str, set[Row]]
_NOT_IN_THE_JOURNAL = {"entry_seq", "used"}
"""What the journal does not say of a reading: one that comes back from it has them anew."""
_LISTS = {"session_area", "session_technique", "session_tool", "session_tag", "foot_finding"}
"""What belongs to a record and has no index of its own: it is said of the record that it was lost."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound log, its key, what its pages are, and the columns of each table that are compared."""

    log: Path
    key: Key | None
    pages: Pages
    columns: dict[str, list[str]]

    @property
    def count(self) -> int:
        """How many pages it has."""
        return self.log.stat().st_size // PAGE

    def having(self, tree: str, part: str) -> list[int]:
        """Return the pages that have this part in a tree."""
        return sorted(number for number, role in self.pages.roles.items() if role == (tree, part))

    def rows(self, spoilt: Sequence[int] = ()) -> Rows:
        """Return the rows of each table that lie on none of these pages."""
        found: Rows = {name: set() for name in self.columns}
        for row in self.pages.rows:
            if row.pages.isdisjoint(spoilt):
                found[row.table].add(row.values)
        return found

    def between_pages(self, name: str) -> set[Row]:
        """Return the rows that part two pages of a table: with both of those bad, none may lead to them."""
        of = self.pages.rows
        return {row.values for row in of if row.table == name and not row.pages.isdisjoint(self.having(name, "inner"))}

    def spoilt(self, folder: Path, numbers: Sequence[int], kept: int = 0) -> Path:
        """Return a copy with these pages spoilt but for `kept` bytes each; an encrypted one keeps those of its key."""
        content = bytearray(self.log.read_bytes())
        for number in numbers:
            first = (number - 1) * PAGE + (crypto.HEADER_BYTES if self.key and number == 1 else kept)
            content[first : number * PAGE] = b"\xa5" * (number * PAGE - first)
        log = folder / "log.db"
        log.write_bytes(content)
        return log


def sound_log(log: Path, key: Key | None) -> Sound:
    """Take a sound log apart."""
    stored, compared = {}, {}
    with closing(connect(log)) as connection:
        for table in metadata.sorted_tables:
            described = connection.execute(f"PRAGMA table_xinfo({table.name})").fetchall()
            stored[table.name] = _in_order_of_records(table, described)
            left_out = _NOT_IN_THE_JOURNAL if table.name == "reading" else ()
            compared[table.name] = [row[1] for row in described if not row[6] and row[1] not in left_out]
    return Sound(log, key, taken_apart(log, key, stored, compared), compared)


def judge(sound: Sound, numbers: Sequence[int], folder: Path, kept: int = 0) -> Salvaged:
    """Spoil pages, salvage, and see that the law holds."""
    log, new = sound.spoilt(folder, numbers, kept), folder / "new.db"
    content = log.read_bytes()
    crypto._headers.clear()  # a file of an earlier time may have had this one's place on the disk
    done = salvage(log, new)
    assert log.read_bytes() == content, "the damaged log was touched"
    assert {one.name for one in folder.iterdir()} == {log.name, new.name}, "something was left behind"
    assert crypto.is_encrypted(new) == (sound.key is not None), "the new log is under another key"
    came, there = _rows_of(new, sound), sound.rows()
    for table in metadata.sorted_tables:
        strange = came[table.name] - there[table.name]
        assert not [row for row in strange if "(lost)" not in row], f"{table.name} has what was not there: {strange}"
    for name, whole in sound.rows(numbers).items():
        between = set() if len(numbers) == 1 else sound.between_pages(name)
        gone = [row for row in whole - came[name] - between if not _belongs_to_lost(sound, name, row, came)]
        assert not gone, f"{len(gone)} whole rows of {name} were lost: {gone[:3]}; {done.lost}"
    for name in there:
        missing = len(there[name] - came[name])
        if len(numbers) == 1 and name not in _LISTS:
            assert _said_of(done, name) == missing, (name, missing, done.lost)
        assert done.lost or not missing, f"{missing} rows of {name} are gone, and nothing is said"
    if came == there and not any("list of tables" in line for line in done.lost):
        assert done.lost == (), done.lost
    unsaid = [line for line in check(new, deep=True).problems if line not in done.lost]
    assert not unsaid or any(line.startswith("The journal's entries") for line in done.lost), unsaid
    return done


def _in_order_of_records(table: Table, described: Sequence[Row]) -> list[str]:
    """Return the names of a record's values: the key comes first where a table is kept by it."""
    names = [str(row[1]) for row in described]
    if table.dialect_options["sqlite"]["with_rowid"]:
        return names
    key = [column.name for column in table.primary_key]
    return key + [name for name in names if name not in key]


def _rows_of(log: Path, sound: Sound) -> Rows:
    found: Rows = {}
    with closing(connect(log)) as connection:
        for name, columns in sound.columns.items():
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()  # noqa: S608 – our own
            found[name] = set(rows)
            assert len(rows) == len(found[name]), f"{name} has rows twice"
    return found


def _belongs_to_lost(sound: Sound, name: str, row: Row, came: Rows) -> bool:
    """Whether a row names one that did not come out, which nothing in the log could then stand for."""
    values = dict(zip(sound.columns[name], row, strict=True))
    for link in metadata.tables[name].foreign_keys:
        value, parent = values[link.parent.name], link.column.table.name
        place = sound.columns[parent].index(link.column.name)
        if value is not None and value not in {one[place] for one in came[parent]}:
            return True
    return False


def _said_of(done: Salvaged, name: str) -> int:
    """Return how many rows of a table are said to be lost."""
    named = "readings?" if name == "reading" else f"rows? of {name.replace('_', ' ')}"
    said = (re.match(rf"([\d,]+) {named} (?:could|belonged|of \d|from \d)", line) for line in done.lost)
    return sum(int(one[1].replace(",", "")) for one in said if one)


def main() -> None:
    """Spoil each page of a log once, plain and encrypted, and then some at a time."""
    options = argparse.ArgumentParser()
    options.add_argument("--every", type=int, default=1, help="spoil only every so-manieth page")
    options.add_argument("--some", type=int, default=50, help="how often to spoil some pages at a time")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="glucolog-spoiling-") as name:
        log, key = Path(name) / "whole.db", crypto.new_key()
        whole_log.make(log)
        plain = sound_log(log, None)
        crypto.holder.hold(key)
        locked = log.with_name("locked.db")
        locked.write_bytes(log.read_bytes())
        convert(locked, key)
        for sound in (plain, sound_log(locked, key)):
            _spoil(sound, asked.every, asked.some)


def _spoil(sound: Sound, every: int, times: int) -> None:
    chance = random.Random(8)
    numbers = [[number] for number in range(1, sound.count + 1, every)]
    numbers += [chance.sample(range(1, sound.count + 1), chance.randint(2, 8)) for _ in range(times)]
    failed = 0
    for some in numbers:
        with tempfile.TemporaryDirectory() as folder:
            try:
                judge(sound, some, Path(folder))
            except Exception as error:
                failed += 1
                print(some, [sound.pages.roles.get(one) for one in some], repr(error)[:260])
    print(f"{'encrypted' if sound.key else 'plain'}: {len(numbers)} times, {failed} failed")


if __name__ == "__main__":
    main()
