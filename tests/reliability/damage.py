"""How much damage is noticed: `python -m tests.reliability.damage --write`.

One random byte of a log is changed, each time anew, and the log is checked: plain and encrypted, quick and deep. Where
the log says the same as before in every value of every table, the byte held nothing; what is noticed of the others is
told apart.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from glucolog.storage import crypto
from glucolog.storage.check import check
from glucolog.storage.convert import convert
from glucolog.storage.engine import connect, driver_errors
from glucolog.storage.tables import metadata
from tests.reliability.kills import LOG
from tests.reliability.page import write_part
from tests.reliability.scenes import bring_in, prepare


@dataclass(slots=True)
class Noticed:
    """How many flipped bytes the checks noticed, of all and of those that changed what the log says."""

    flips: int = 0
    quick: int = 0
    deep: int = 0
    telling: int = 0
    quick_telling: int = 0
    deep_telling: int = 0

    def count(self, *, quick: bool, deep: bool, telling: bool) -> None:
        """Count one flipped byte."""
        self.flips += 1
        self.quick += quick
        self.deep += deep
        self.telling += telling
        self.quick_telling += quick and telling
        self.deep_telling += deep and telling


def noticed(log: Path, flips: int, seed: int) -> Noticed:
    """Change so many bytes, one at a time, and check after each; the log is left as it was."""
    content, before, chance, seen = log.read_bytes(), said_by(log), random.Random(seed), Noticed()
    for _ in range(flips):
        spoilt = bytearray(content)
        spoilt[chance.randrange(len(spoilt))] ^= chance.randrange(1, 256)
        _write(log, spoilt)
        quick, deep = (not check(log, deep=deep).is_sound for deep in (False, True))
        seen.count(quick=quick, deep=deep, telling=said_by(log) != before)
    _write(log, content)
    return seen


def said_by(log: Path) -> str | None:
    """Return a digest of every value in a log's tables, None where they can't be read."""
    digest = sha256()
    try:
        with closing(connect(log)) as connection:
            connection.text_factory = bytes
            for table in metadata.sorted_tables:
                for row in connection.execute(f"SELECT * FROM {table.name} ORDER BY 1, 2, 3"):  # noqa: S608 – our own
                    digest.update(repr(row).encode())
    except driver_errors():
        return None
    return digest.hexdigest()


def _write(log: Path, content: bytes | bytearray) -> None:
    log.write_bytes(content)
    crypto._headers.clear()


def main() -> None:
    """Measure, and write it into the help."""
    options = argparse.ArgumentParser()
    options.add_argument("--flips", type=int, default=200)
    options.add_argument("--write", action="store_true", help="write the numbers into help/reliability.md")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="glucolog-damage-") as name:
        os.environ["XDG_CONFIG_HOME"] = name
        prepare(Path(name))
        bring_in(Path(name))
        log = Path(name) / LOG
        plain = noticed(log, asked.flips, 8)
        key = crypto.new_key()
        crypto.holder.hold(key)
        convert(log, key)
        under_key = noticed(log, asked.flips, 8)
    text = (
        f"One random byte changed, {asked.flips} times anew. On a plain log {plain.telling} of them changed what it "
        f"says: `db check` noticed {plain.quick_telling} of these and `db check --deep` {plain.deep_telling}; the "
        "others fell where nothing is kept. On an encrypted log, where a key answers for every byte, the two noticed "
        f"{under_key.quick} and {under_key.deep} of all {under_key.flips}. SQLite keeps no checksums; the deep check "
        "holds what was entered by hand against the journal, and each import against a digest of what it stored."
    )
    print(text)
    if asked.write:
        write_part("damage", text)


if __name__ == "__main__":
    main()
