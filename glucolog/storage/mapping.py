"""How a record lies in its tables: read off the record's own fields, once a class.

A `Moment` takes two columns (`at_s` and `zone`), a `Glucose` its amount, unit and mark, a place its area and side. A
tuple goes to the child table that is named for it here, else it is JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from itertools import chain
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import Table

from glucolog.core.codec import RECORD_KINDS, kind_of, plain_value, value_as
from glucolog.core.moments import Moment
from glucolog.core.records import Record
from glucolog.core.units import Censored, Glucose, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.errors import RefusedError
from glucolog.storage import tables

Row = Sequence[Any]
E = TypeVar("E", bound=Enum)

_CHILDREN: Mapping[tuple[str, str], Table] = {
    ("session", "areas"): tables.session_area,
    ("session", "techniques"): tables.session_technique,
    ("session", "tools"): tables.session_tool,
    ("session", "tags"): tables.session_tag,
    ("session", "links"): tables.session_link,
    ("foot_check", "findings"): tables.foot_finding,
}


class Part(NamedTuple):
    """One field and its columns: how its value becomes theirs, and back."""

    columns: tuple[str, ...]
    to_columns: Callable[[Any], tuple[Any, ...]]
    to_value: Callable[[Row], Any]


class Shape(NamedTuple):
    """The parts of one dataclass, by field, over the columns of one table."""

    of: Callable[..., Any]
    parts: tuple[tuple[str, Part], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in the order of `to_value`'s row."""
        return tuple(chain.from_iterable(part.columns for _, part in self.parts))

    def to_columns(self, value: Any) -> dict[str, Any]:
        """Return the columns' values by name."""
        row: dict[str, Any] = {}
        for name, part in self.parts:
            row.update(zip(part.columns, part.to_columns(getattr(value, name)), strict=True))
        return row

    def to_value(self, row: Row) -> Any:
        """Return the value that the columns of one row hold."""
        return next(self.to_values([row], {}))

    def to_values(self, rows: Sequence[Row], more: Mapping[str, Iterable[Any]]) -> Iterator[Any]:
        """Yield the values that rows hold, worked out a column at a time; `more` are the fields that lie elsewhere."""
        columns = iter(zip(*rows, strict=True))
        fields = {
            name: self._field(part, [next(columns) for _ in part.columns]) if rows else () for name, part in self.parts
        }
        names = (*fields, *more)
        for values in zip(*fields.values(), *more.values(), strict=True):
            yield self.of(**dict(zip(names, values, strict=True)))

    @staticmethod
    def _field(part: Part, columns: list[Sequence[Any]]) -> Iterable[Any]:
        return columns[0] if part.to_value is _as_it_is else map(part.to_value, zip(*columns, strict=True))


class Child(NamedTuple):
    """A tuple field that has a table of its own, in the order of `position`."""

    field: str
    table: Table
    owner: str
    shape: Shape | None
    part: Part | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of one item, after the owner's id and the position."""
        return self.shape.columns if self.shape else self._only.columns

    @property
    def _only(self) -> Part:
        assert self.part is not None  # noqa: S101 – an item is a dataclass or a single value
        return self.part

    def rows(self, owner_id: str, items: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the rows of all the items of one owner."""
        return [
            {self.owner: owner_id, "position": position, **self._columns_of(item)}
            for position, item in enumerate(items)
        ]

    def item(self, row: Row) -> Any:
        """Return the item that `columns` hold."""
        return self.shape.to_value(row) if self.shape else self._only.to_value(row)

    def _columns_of(self, item: Any) -> dict[str, Any]:
        if self.shape:
            return self.shape.to_columns(item)
        return dict(zip(self._only.columns, self._only.to_columns(item), strict=True))


class Mapped(NamedTuple):
    """One kind of record: its table, the fields in it, and the fields in tables of their own."""

    kind: str
    table: Table
    shape: Shape
    children: tuple[Child, ...]


def mapped(record: Record | type[Any]) -> Mapped:
    """Return where the records of a class lie."""
    return _mapped(kind_of(record))


def mapped_kind(kind: str) -> Mapped:
    """Return where the records of a kind lie."""
    return _mapped(kind)


@cache
def _mapped(kind: str) -> Mapped:
    record_type = RECORD_KINDS[kind]
    hints = get_type_hints(record_type)
    own = [f.name for f in fields(record_type) if (kind, f.name) not in _CHILDREN]
    children = tuple(
        _child(name, hints[name], table, f"{owner}_id") for (owner, name), table in _CHILDREN.items() if owner == kind
    )
    shape = Shape(record_type, tuple((name, _part(name, hints[name])) for name in own))
    return Mapped(kind, tables.metadata.tables[kind], shape, children)


def _child(field: str, hint: Any, table: Table, owner: str) -> Child:
    item = get_args(hint)[0]
    if not is_dataclass(item):
        return Child(field, table, owner, None, _part(field.removesuffix("s"), item))
    hints = get_type_hints(item)
    shape = Shape(item, tuple((f.name, _part(f.name, hints[f.name])) for f in fields(item)))  # type: ignore[arg-type]
    return Child(field, table, owner, shape, None)


def _part(name: str, hint: Any) -> Part:
    if NoneType in get_args(hint):
        return _part(name, next(option for option in get_args(hint) if option is not NoneType))
    if hint is Moment:
        return _moment(name)
    if hint is Glucose:
        return _glucose() if name == "glucose" else _plain_glucose(name)
    if hint is BodyArea:
        return _place(name)
    if get_origin(hint) in (tuple, dict):
        return _as_json(name, hint)
    return Part((name,), *_single(hint))


def _moment(name: str) -> Part:
    columns = ("at_s", "zone") if name == "at" else (f"{name}_s", f"{name}_zone")
    return Part(
        columns,
        lambda at: (None, None) if at is None else (at.epoch_s, at.zone),
        lambda row: None if row[0] is None else Moment(*row),
    )


def _glucose() -> Part:
    return Part(
        ("amount", "unit", "censored"),
        lambda glucose: (glucose.amount, glucose.unit.value, glucose.censored and glucose.censored.value),
        lambda row: Glucose(row[0], _UNITS[row[1]], _MARKS[row[2]]),
    )


def _plain_glucose(name: str) -> Part:
    def to_columns(glucose: Glucose | None) -> tuple[Any, ...]:
        if glucose is None:
            return None, None
        if glucose.censored:
            raise RefusedError("LO and HI can't be targets.", "Type the target as a number.")
        return glucose.amount, glucose.unit.value

    return Part(
        (name, f"{name}_unit"), to_columns, lambda row: None if row[0] is None else Glucose(row[0], Unit(row[1]))
    )


def _place(name: str) -> Part:
    return Part(
        (f"{name}_area", f"{name}_side"),
        lambda place: (None, None) if place is None else (place.area, place.side.value),
        lambda row: None if row[0] is None else BodyArea(row[0], Side(row[1])),
    )


def _as_json(name: str, hint: Any) -> Part:
    return Part(
        (name,),
        lambda items: (json.dumps(plain_value(items), ensure_ascii=False, sort_keys=True),),
        lambda row: value_as(hint, json.loads(row[0]), name),
    )


def _single(hint: Any) -> tuple[Callable[[Any], tuple[Any, ...]], Callable[[Row], Any]]:
    if issubclass(hint, Enum):
        members = _members(hint)
        return lambda value: (value if value is None else value.value,), lambda row: members[row[0]]
    if hint is date:
        return (
            lambda value: (value if value is None else value.isoformat(),),
            lambda row: None if row[0] is None else date.fromisoformat(row[0]),
        )
    if hint is bool:
        return lambda value: (value,), lambda row: None if row[0] is None else bool(row[0])
    if hint is float:
        return lambda value: (None if value is None else float(value),), _as_it_is
    return lambda value: (value,), _as_it_is


def _as_it_is(row: Row) -> Any:
    return row[0]


def _members(words: type[E]) -> dict[Any, E]:
    """Return the members by value, and None for NULL: a look-up is a third of the cost of a call."""
    return {None: None, **{word.value: word for word in words}}  # type: ignore[dict-item]


_UNITS, _MARKS = _members(Unit), _members(Censored)
