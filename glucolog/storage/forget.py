"""A person taken out of a log for good: rows, journal and the bytes they lay in.

Deleted rows stay in a file's free pages until those are used again, so they are written over (`secure_delete`) and the
file is then made anew (VACUUM). That nothing is left is found by a search of the bytes, not taken on trust. In an
encrypted log no byte of anybody can be found; there the search goes through every value of every table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from glucolog.storage import crypto
from glucolog.storage.engine import connect, file_problems
from glucolog.storage.ids import to_bytes
from glucolog.storage.problems import NoLogError
from glucolog.storage.tables import metadata

LEAST_TEXT = 4
"""A text of the person that is shorter than this says nothing: it could be anybody's."""
_MOST_TEXTS = 2000
_OWNED = "session", "foot_check"


def traces_of(path: Path, person_id: str, name: str) -> tuple[bytes, ...]:
    """Return the bytes by which a person can be found in a file: the ids, the name, what was written about them.

    A text that stands in the tables' definitions or in what others logged is nobody's trace: it stays in the file.
    """
    with file_problems(path), closing(connect(path)) as connection:
        texts = [name, *_texts(connection, to_bytes(person_id))]
        stays = b"\0".join(_of_others(connection, to_bytes(person_id)))
    found = {text.encode() for text in texts if len(text) >= LEAST_TEXT}
    own = sorted(text for text in found if text not in stays)
    return (to_bytes(person_id), person_id.encode(), *own[:_MOST_TEXTS])


def forget(path: Path, person_id: str) -> None:
    """Take a person out of a log and make its file anew. Nothing brings them back."""
    if not path.is_file():
        raise NoLogError(path)
    with file_problems(path), closing(connect(path)) as connection:
        for pragma in ("secure_delete = ON", "foreign_keys = OFF", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN IMMEDIATE").close()
        for statement, values in _statements(_tables_of(connection), to_bytes(person_id)):
            connection.execute(statement, values).close()
        connection.execute("COMMIT").close()
        connection.execute("VACUUM").close()


def found_in(path: Path, traces: Sequence[bytes]) -> int:
    """Return how many of the traces of a person are in a file's bytes; in an encrypted one, in its values."""
    if crypto.is_encrypted(path):
        with file_problems(path), closing(connect(path)) as connection:
            content = b"\0".join(_values(connection))
    else:
        content = path.read_bytes()
    return sum(trace in content for trace in traces)


def _tables_of(connection: Any) -> list[Table]:
    """Return the tables that a file has, parents first: an old backup may lack some."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return [table for table in metadata.sorted_tables if table.name in names]


def _statements(tables: Sequence[Table], person_id: bytes) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    mine = (person_id,)
    yield "DELETE FROM journal_row WHERE entry_seq IN (SELECT seq FROM journal WHERE person_id = ?)", mine
    for owner in _OWNED:
        for table in tables:
            if f"{owner}_id" in table.c and "person_id" not in table.c:
                owned = f"SELECT id FROM {owner} WHERE person_id = ?"  # noqa: S608 – our own names
                yield f"DELETE FROM {table.name} WHERE {owner}_id IN ({owned})", mine  # noqa: S608
    for table in reversed(tables):
        if "person_id" in table.c:
            yield f"DELETE FROM {table.name} WHERE person_id = ?", mine  # noqa: S608
    yield "DELETE FROM journal_row WHERE record_id = ?", mine
    yield "DELETE FROM person WHERE id = ?", mine


def _texts(connection: Any, person_id: bytes) -> Iterator[str]:
    """Yield what only this person's rows say: free text, and the summaries of their changes."""
    free = {"name", "note", "text", "summary", "low_plan", "performer_name", "file_name"}
    for table in metadata.sorted_tables:
        owner = "id" if table.name == "person" else "person_id"
        if owner not in table.c:
            continue
        for column in sorted(free & set(table.c.keys())):
            mine = f"SELECT DISTINCT {column} FROM {table.name} WHERE {owner} = ? AND {column} IS NOT NULL"  # noqa: S608
            others = f"SELECT {column} FROM {table.name} WHERE {owner} <> ? AND {column} IS NOT NULL"  # noqa: S608
            yield from (row[0] for row in connection.execute(f"{mine} EXCEPT {others}", (person_id, person_id)))


def _of_others(connection: Any, person_id: bytes) -> Iterator[bytes]:
    """Yield the texts that stay when a person's rows are gone."""
    yield from _texts_of(connection.execute("SELECT sql FROM sqlite_schema"))
    for table in _tables_of(connection):
        if where := _theirs(table):
            query = f"SELECT * FROM {table.name} WHERE NOT coalesce({where}, 0)"  # noqa: S608
            yield from _texts_of(connection.execute(query, (person_id,)))


def _theirs(table: Table) -> str | None:
    """Return what is true of the rows of one person in a table, None where rows are of nobody."""
    if table.name == "person":
        return "id = ?"
    if "person_id" in table.c:
        return "person_id = ?"
    if table.name == "journal_row":
        return "entry_seq IN (SELECT seq FROM journal WHERE person_id = ?)"
    owners = (owner for owner in _OWNED if f"{owner}_id" in table.c)
    return next((f"{owner}_id IN (SELECT id FROM {owner} WHERE person_id = ?)" for owner in owners), None)  # noqa: S608


def _texts_of(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    for row in rows:
        yield from (value.encode() for value in row if isinstance(value, str))


def _values(connection: Any) -> Iterator[bytes]:
    for table in _tables_of(connection):
        for row in connection.execute(f"SELECT * FROM {table.name}"):  # noqa: S608
            yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
