"""Every record survives the way through JSON text; a wrong shape is refused by the field's name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar, get_args, get_type_hints
from zoneinfo import available_timezones

import pytest
from glucolog.core.codec import RECORD_KINDS, from_plain, kind_of, to_plain
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Record, Symptom, Therapy
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.vocabulary import AREAS, BodyArea, Side
from glucolog.errors import RefusedError
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
"""Python takes an int for a float."""
ZONES = st.sampled_from(sorted(available_timezones()))
st.register_type_strategy(Moment, st.builds(Moment, st.integers(-(2**62), 2**62), ZONES))
st.register_type_strategy(BodyArea, st.builds(BodyArea, st.sampled_from(sorted(AREAS)), st.sampled_from(Side)))


R = TypeVar("R", bound=Record)


def read_as(record_type: type[R], plain: Mapping[str, object]) -> R:
    """The record of this class that `plain` describes."""
    record = from_plain(kind_of(record_type), plain)
    assert isinstance(record, record_type)
    return record


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    leaves: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
        str: lambda: TEXTS,
        float: lambda: NUMBERS,
        dict[str, int]: lambda: st.dictionaries(TEXTS, st.integers(0, 2**40), max_size=4),
    }
    if hint in leaves:
        return leaves[hint]()
    if type(None) in get_args(hint):
        return st.none() | _strategy(get_args(hint)[0])
    if getattr(hint, "__origin__", None) is tuple:
        return st.lists(_strategy(get_args(hint)[0]), max_size=3).map(tuple)
    if hint is int:
        return st.integers(-(2**63), 2**63 - 1)
    if hasattr(hint, "__dataclass_fields__") and hint not in (Moment, BodyArea):
        return _records(hint)
    return st.from_type(hint)


def _records(record_type: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(record_type)
    return st.builds(record_type, **{f.name: _strategy(hints[f.name]) for f in fields(record_type)})


ANY_RECORD: st.SearchStrategy[Record] = st.one_of([_records(kind) for kind in RECORD_KINDS.values()])


@given(record=ANY_RECORD)
def test_a_record_survives_json_text(record: Record) -> None:
    text = json.dumps(to_plain(record), allow_nan=False)
    again = from_plain(kind_of(record), json.loads(text))
    assert again == record
    assert json.dumps(to_plain(again)) == text


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_every_kind_round_trips(kind: str) -> None:
    @given(record=_records(RECORD_KINDS[kind]))
    def check(record: Record) -> None:
        assert from_plain(kind, to_plain(record)) == record

    check()


def test_the_union_of_records_and_the_table_of_kinds_name_the_same_classes() -> None:
    assert set(RECORD_KINDS.values()) == set(get_args(Record))


def test_a_reading_looks_as_the_export_shows_it() -> None:
    reading = Reading(
        id="8c2f1a52-0f4e-4a53-9f55-3b8f0cfe4d11",
        person_id="0b0c2a8e-6a4f-4e38-8a15-0a6c3f1b2d3e",
        at=Moment(1774785900, "Europe/Berlin"),
        glucose=Glucose(7.9, Unit.MMOL_L, Censored.HIGH),
        source=Source.METER,
    )
    assert to_plain(reading) == {
        "id": "8c2f1a52-0f4e-4a53-9f55-3b8f0cfe4d11",
        "person_id": "0b0c2a8e-6a4f-4e38-8a15-0a6c3f1b2d3e",
        "at": {"epoch_s": 1774785900, "zone": "Europe/Berlin"},
        "glucose": {"amount": 7.9, "unit": "mmol/L", "censored": "high"},
        "source": "meter",
        "device": None,
        "note": None,
        "batch_id": None,
    }


PERSON: dict[str, object] = {"id": "p", "name": "Ada", "unit": "mg/dL", "zone": "Europe/Berlin", "therapy": "mdi"}
SYMPTOM: dict[str, object] = {
    "id": "s", "person_id": "p", "at": {"epoch_s": 0, "zone": "UTC"}, "symptom": "pain", "score": 3,
}  # fmt: skip


def test_fields_left_out_take_their_defaults() -> None:
    assert read_as(Person, PERSON) == Person(
        id="p", name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI
    )


def test_a_whole_number_serves_as_a_number_of_its_own_kind() -> None:
    person = read_as(Person, {**PERSON, "target_low": {"amount": 70, "unit": "mg/dL"}})
    assert person.target_low is not None
    assert type(person.target_low.amount) is float


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": 5}, "person.name"),
        ({"name": "a\0b"}, "person.name"),
        ({"name": "a\ud800b"}, "person.name"),
        ({"unit": "mg"}, "person.unit"),
        ({"unit": True}, "person.unit"),
        ({"unit": ["mg/dL"]}, "person.unit"),
        ({"insulins": {}}, "person.insulins"),
        ({"insulins": [{"name": "aspart", "kind": "fast"}]}, "person.insulins[0].kind"),
        ({"sites": [{"kind": "pump", "place": {"area": "moon"}}]}, "person.sites[0].place.area"),
        ({"research_consent": 1}, "person.research_consent"),
        ({"birth_year": 1970.5}, "person.birth_year"),
        ({"birth_year": True}, "person.birth_year"),
        ({"birth_year": 10**30}, "person.birth_year"),
        ({"target_low": {"amount": float("nan"), "unit": "mg/dL"}}, "person.target_low.amount"),
        ({"target_low": {"amount": float("inf"), "unit": "mg/dL"}}, "person.target_low.amount"),
        ({"target_low": {"unit": "mg/dL"}}, "person.target_low.amount"),
        ({"sensation_checked_on": "yesterday"}, "person.sensation_checked_on"),
        ({"severe_low_at": {"epoch_s": 0, "zone": "Europe/Atlantis"}}, "person.severe_low_at.zone"),
        ({"severe_low_at": 12}, "person.severe_low_at"),
        ({"nick": "Ad"}, "person.nick"),
        ({"questions": [None]}, "person.questions[0]"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_fields_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(RefusedError, match="^“" + field.replace("[", r"\[").replace(".", r"\.") + "”"):
        from_plain("person", {**PERSON, **change})


def test_a_missing_field_and_an_unknown_kind_are_named() -> None:
    with pytest.raises(RefusedError, match=r"“symptom\.score” is missing"):
        from_plain("symptom", {name: part for name, part in SYMPTOM.items() if name != "score"})
    with pytest.raises(RefusedError, match="“weather” is no kind of record"):
        from_plain("weather", {})


def test_dates_come_back_as_dates() -> None:
    assert read_as(Symptom, {**SYMPTOM, "told_team_on": "2026-03-29"}).told_team_on == date(2026, 3, 29)


@given(
    plain=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda p: st.lists(p) | st.dictionaries(st.text(), p)
    )
)
def test_whatever_a_file_holds_is_read_or_refused(plain: Any) -> None:
    with pytest.raises(RefusedError):
        from_plain("reading", plain)
