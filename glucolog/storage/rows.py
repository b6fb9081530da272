"""Records in and out of their tables, on a connection someone else began: no journal, no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from glucolog.core.records import Record
from glucolog.storage.chunks import chunked
from glucolog.storage.mapping import Child, Mapped, mapped
from glucolog.storage.problems import DamagedLogError

R = TypeVar("R", bound=Record)


def select_records(
    connection: Connection,
    record_type: type[R],
    *where: ColumnElement[bool],
    newest_first: bool = False,
    limit: int | None = None,
    hidden_too: bool = False,
    each: Sequence[Mapping[str, Any]] = ({},),
) -> tuple[R, ...]:
    """Return the live records that `where` lets through, in the order of their time (people: of their names).

    With parameters in `where`, the query is asked once for `each` of their values, and the answers follow each other.
    """
    lies = mapped(record_type)
    table = lies.table
    live = () if hidden_too else (table.c.deleted_at_s.is_(None),)
    order = [table.c[name] for name in _order(lies)]
    query = select(*(table.c[name] for name in lies.shape.columns)).where(*live, *where)
    query = query.order_by(*(column.desc() if newest_first else column for column in order)).limit(limit)
    rows = [row for values in each for row in connection.execute(query, values)]
    owners = [row[0] for row in rows]
    children = {child.field: _items(connection, child, owners) for child in lies.children}
    more = {field: [tuple(items.get(owner, ())) for owner in owners] for field, items in children.items()}
    try:
        return tuple(lies.shape.to_values(rows, more))
    except (ValueError, LookupError, TypeError) as error:
        named = Path(connection.engine.url.database or "")
        raise DamagedLogError(named, f"a {lies.kind.replace('_', ' ')} holds what none can") from error


def fetch(connection: Connection, record_type: type[R], record_id: str) -> R | None:
    """Return the live record with this id, or None."""
    return fetch_all(connection, record_type, [record_id]).get(record_id)


def fetch_all(
    connection: Connection, record_type: type[R], record_ids: Sequence[str], *, hidden_too: bool = False
) -> dict[str, R]:
    """Return the records with these ids, by id; those that are not there are left out."""
    found: dict[str, R] = {}
    for some in chunked(record_ids):
        chosen = mapped(record_type).table.c.id.in_(some)
        found.update((r.id, r) for r in select_records(connection, record_type, chosen, hidden_too=hidden_too))
    return found


def store(connection: Connection, records: Sequence[Record], **more: Any) -> None:
    """Insert records of one kind and their children; `more` are columns that are no field of them."""
    lies = mapped(records[0])
    connection.execute(insert(lies.table), [{**lies.shape.to_columns(record), **more} for record in records])
    _store_children(connection, lies, records)


def put(connection: Connection, record: Record) -> None:
    """Make the stored row, live or hidden, this record, live."""
    lies = mapped(record)
    values = {**lies.shape.to_columns(record), "deleted_at_s": None}
    connection.execute(update(lies.table).where(lies.table.c.id == record.id).values(values))
    for child in lies.children:
        connection.execute(delete(child.table).where(child.table.c[child.owner] == record.id))
    _store_children(connection, lies, [record])


def hide(connection: Connection, record_type: type[Any], record_ids: Sequence[str], at_s: int | None) -> None:
    """Delete records softly, or show them again (`at_s` None)."""
    table = mapped(record_type).table
    for some in chunked(record_ids):
        connection.execute(update(table).where(table.c.id.in_(some)).values(deleted_at_s=at_s))


def _store_children(connection: Connection, lies: Mapped, records: Sequence[Record]) -> None:
    for child in lies.children:
        rows = [row for record in records for row in child.rows(record.id, getattr(record, child.field))]
        if rows:
            connection.execute(insert(child.table), rows)


def _items(connection: Connection, child: Child, owners: Sequence[str]) -> dict[str, list[Any]]:
    owner = child.table.c[child.owner]
    columns = [child.table.c[name] for name in child.columns]
    found: dict[str, list[Any]] = {}
    for some in chunked(owners):
        query = select(owner, *columns).where(owner.in_(some)).order_by(owner, child.table.c.position)
        for row in connection.execute(query):
            found.setdefault(row[0], []).append(child.item(row[1:]))
    return found


def _order(lies: Mapped) -> tuple[str, str]:
    for column in ("at_s", "start_s"):
        if column in lies.table.c:
            return column, "id"
    return "name", "id"
