"""Records in and out of their tables, on a connection someone else began: no journal, no rules."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select, update

from glucolog.core.records import Record
from glucolog.storage.mapping import Child, Mapped, mapped

R = TypeVar("R", bound=Record)


def select_records(
    connection: Connection,
    record_type: type[R],
    *where: ColumnElement[bool],
    newest_first: bool = False,
    limit: int | None = None,
) -> tuple[R, ...]:
    """Return the live records that `where` lets through, in the order of their time (people: of their names)."""
    lies = mapped(record_type)
    table = lies.table
    live = (table.c.deleted_at_s.is_(None), *where)
    order = [table.c[name] for name in _order(lies)]
    query = select(*(table.c[name] for name in lies.shape.columns)).where(*live)
    query = query.order_by(*(column.desc() if newest_first else column for column in order)).limit(limit)
    rows = connection.execute(query).all()
    owners = query.with_only_columns(table.c.id)
    children = {child.field: _items(connection, child, owners) for child in lies.children} if rows else {}
    return tuple(
        lies.shape.to_value(row, **{field: tuple(items.get(row[0], ())) for field, items in children.items()})
        for row in rows
    )


def fetch(connection: Connection, record_type: type[R], record_id: str) -> R | None:
    """Return the live record with this id, or None."""
    found = select_records(connection, record_type, mapped(record_type).table.c.id == record_id)
    return found[0] if found else None


def store(connection: Connection, record: Record, **more: Any) -> None:
    """Insert a record and its children; `more` are columns that are no field of it."""
    lies = mapped(record)
    connection.execute(insert(lies.table), {**lies.shape.to_columns(record), **more})
    _store_children(connection, lies, record)


def put(connection: Connection, record: Record) -> None:
    """Make the stored row, live or hidden, this record, live."""
    lies = mapped(record)
    values = {**lies.shape.to_columns(record), "deleted_at_s": None}
    connection.execute(update(lies.table).where(lies.table.c.id == record.id).values(values))
    for child in lies.children:
        connection.execute(delete(child.table).where(child.table.c[child.owner] == record.id))
    _store_children(connection, lies, record)


def hide(connection: Connection, record: Record, at_s: int) -> None:
    """Delete a record softly."""
    table = mapped(record).table
    connection.execute(update(table).where(table.c.id == record.id).values(deleted_at_s=at_s))


def _store_children(connection: Connection, lies: Mapped, record: Record) -> None:
    for child in lies.children:
        rows = child.rows(record.id, getattr(record, child.field))
        if rows:
            connection.execute(insert(child.table), rows)


def _items(connection: Connection, child: Child, owners: Select[Any]) -> dict[str, list[Any]]:
    owner = child.table.c[child.owner]
    columns = (child.table.c[name] for name in child.columns)
    query = select(owner, *columns).where(owner.in_(owners)).order_by(owner, child.table.c.position)
    found: dict[str, list[Any]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(child.item(row[1:]))
    return found


def _order(lies: Mapped) -> tuple[str, str]:
    for column in ("at_s", "start_s"):
        if column in lies.table.c:
            return column, "id"
    return "name", "id"
