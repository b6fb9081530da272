"""Records to plain JSON-able values and back, without loss: the form of the journal and of the JSON export.

The shapes are read off the record classes themselves, once a class. A date is its ISO text, an enumeration its value,
a tuple a list, a record inside a record a mapping of its fields.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

from glucolog.core.moments import Moment, zone_info
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    ImportBatch,
    Note,
    Person,
    Reading,
    Record,
    Session,
    Symptom,
    Trial,
)
from glucolog.core.vocabulary import AREAS, BodyArea
from glucolog.errors import RefusedError, UsageError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Decoder = Callable[[object, str], Any]

RECORD_KINDS: dict[str, Any] = {
    "person": Person,
    "reading": Reading,
    "session": Session,
    "dose": Dose,
    "carbs": Carbs,
    "activity": Activity,
    "note": Note,
    "symptom": Symptom,
    "foot_check": FootCheck,
    "trial": Trial,
    "import_batch": ImportBatch,
}
"""The class of every kind of record by the kind's name."""

_KIND_OF = {record_type: kind for kind, record_type in RECORD_KINDS.items()}


def kind_of(record: Record | type[Any]) -> str:
    """Return the name under which `RECORD_KINDS` knows a record or its class."""
    return _KIND_OF[record if isinstance(record, type) else type(record)]


def to_plain(record: Record) -> dict[str, Json]:
    """Return the record as a mapping that `json.dumps` takes as it is; every field is present."""
    plain = plain_value(record)
    assert isinstance(plain, dict)  # noqa: S101 – tells the type checker that a record becomes a mapping
    return plain


def from_plain(kind: str, plain: Mapping[str, object]) -> Record:
    """Return the record of `kind` that `plain` describes; a field that is left out takes its default.

    Raises `RefusedError`, naming the field, for an unknown kind or field, a missing one, or a value that is not of its
    field's shape. Whether the record makes sense (a score of 11) is for its rules to say.
    """
    if kind not in RECORD_KINDS:
        raise RefusedError(f"“{kind}” is no kind of record.", f"Known: {', '.join(RECORD_KINDS)}.")
    record: Record = _decoder(RECORD_KINDS[kind])(plain, kind)
    return record


def plain_value(value: object) -> Json:
    """Return the plain form of a field's value: see the top of the module."""
    if is_dataclass(value):
        return {field.name: _plain_field(value, field.name) for field in fields(value)}
    if isinstance(value, Enum):
        return plain_value(value.value)
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {name: plain_value(item) for name, item in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form")


def _plain_field(of: object, name: str) -> Json:
    shape: Any = type(of)
    plain = plain_value(getattr(of, name))
    return float(plain) if isinstance(plain, int) and name in _numbers(shape) else plain


@cache
def _numbers(shape: type[Any]) -> frozenset[str]:
    """Return the fields that hold a float: Python takes an int for one, but writes it as another text."""
    return frozenset(name for name, hint in get_type_hints(shape).items() if float in {hint, *get_args(hint)})


def value_as(hint: Any, plain: object, path: str) -> Any:
    """Return the value of a field annotated with `hint`, or raise `RefusedError` naming `path`."""
    return _decoder(hint)(plain, path)


@cache
def _decoder(hint: Any) -> Decoder:
    if hint in _LEAVES:
        return _LEAVES[hint]
    if get_origin(hint) is tuple:
        return _tuple_decoder(get_args(hint)[0])
    if get_origin(hint) is dict:
        return _dict_decoder(get_args(hint)[1])
    if NoneType in get_args(hint):
        return _optional_decoder(next(part for part in get_args(hint) if part is not NoneType))
    return _enum_decoder(hint) if issubclass(hint, Enum) else _dataclass_decoder(hint)


def _optional_decoder(hint: Any) -> Decoder:
    inner = _decoder(hint)
    return lambda value, path: None if value is None else inner(value, path)


def _tuple_decoder(hint: Any) -> Decoder:
    inner = _decoder(hint)

    def decode(value: object, path: str) -> tuple[Any, ...]:
        items = _expect(value, list, path, "a list")
        return tuple(inner(item, f"{path}[{position}]") for position, item in enumerate(items))

    return decode


def _dict_decoder(hint: Any) -> Decoder:
    inner = _decoder(hint)

    def decode(value: object, path: str) -> dict[str, Any]:
        items = _expect(value, dict, path, "a mapping")
        return {_text(name, path): inner(item, f"{path}.{name}") for name, item in items.items()}

    return decode


def _enum_decoder(hint: type[Enum]) -> Decoder:
    known = {member.value: member for member in hint}

    def decode(value: object, path: str) -> Enum:
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in known:
            raise _wrong(path, f"one of {', '.join(str(word) for word in known)}")
        return known[value]

    return decode


@cache
def _dataclass_decoder(hint: Any) -> Decoder:
    decoders = {name: _decoder(part) for name, part in get_type_hints(hint).items()}
    needed = [f.name for f in fields(hint) if f.default is MISSING and f.default_factory is MISSING]

    def decode(value: object, path: str) -> Any:
        given = _expect(value, dict, path, "a mapping of fields")
        for name in given:
            if name not in decoders:
                raise RefusedError(f"“{path}.{name}” is no field glucolog knows.", "Remove it or correct its name.")
        for name in needed:
            if name not in given:
                raise RefusedError(f"“{path}.{name}” is missing.", "Add the field.")
        return hint(**{name: decoders[name](part, f"{path}.{name}") for name, part in given.items()})

    return decode


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "text")
    if not value.isprintable() and any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in value):
        raise _wrong(path, "text without broken characters")
    return value


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false")
    return value


def _whole(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise _wrong(path, "a whole number")
    return value


def _number(value: object, path: str) -> float:
    # Compared, not converted: a whole number of JSON may be too long for a float; not a number is above nothing.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise _wrong(path, "a number")
    return float(value)


def _day(value: object, path: str) -> date:
    try:
        return date.fromisoformat(_text(value, path))
    except ValueError as error:
        raise _wrong(path, "a date such as 2026-03-01") from error


def _moment(value: object, path: str) -> Moment:
    moment: Moment = _dataclass_decoder(Moment)(value, path)
    try:
        zone_info(moment.zone)
    except UsageError as error:
        raise _wrong(f"{path}.zone", "a time zone such as Europe/Berlin") from error
    return moment


def _body_area(value: object, path: str) -> BodyArea:
    area: BodyArea = _dataclass_decoder(BodyArea)(value, path)
    if area.area not in AREAS:
        raise _wrong(f"{path}.area", f"one of {', '.join(AREAS)}")
    return area


def _expect(value: object, wanted: type, path: str, words: str) -> Any:
    if not isinstance(value, wanted):
        raise _wrong(path, words)
    return value


def _wrong(path: str, wanted: str) -> RefusedError:
    return RefusedError(f"“{path}” is not {wanted}.", "Correct that field.")


_LEAVES: dict[Any, Decoder] = {
    str: _text, bool: _flag, int: _whole, float: _number, date: _day, Moment: _moment, BodyArea: _body_area,
}  # fmt: skip
