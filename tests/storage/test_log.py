"""Records in and out of a log: nothing is lost, nothing invisible comes back, references find what they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args, get_type_hints

import pytest
from glucolog.core import evidence
from glucolog.core import vocabulary as words
from glucolog.core.codec import RECORD_KINDS
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Carbs,
    FootCheck,
    ImportBatch,
    Note,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Record,
    Session,
    Symptom,
    Therapy,
)
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.vocabulary import AREAS, BodyArea, Side
from glucolog.errors import AmbiguousError, NotFoundError, RefusedError
from glucolog.storage import Log, new_id, open_log
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.storage.places import ask

BERLIN = "Europe/Berlin"
NOON = Moment(1_774_785_600, BERLIN)

IDS = st.uuids(version=4).map(str)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
MOMENTS = st.builds(Moment, st.integers(0, 4_000_000_000), st.sampled_from([BERLIN, "UTC", "Asia/Kathmandu"]))
AMOUNTS = st.builds(
    Glucose, st.floats(20, 600), st.just(Unit.MG_DL), st.none() | st.sampled_from(Censored)
) | st.builds(Glucose, st.floats(1.1, 33.3), st.just(Unit.MMOL_L), st.none())
PLACES = st.builds(BodyArea, st.sampled_from(sorted(AREAS)), st.sampled_from(Side))

SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "techniques": st.lists(st.sampled_from(sorted(words.TECHNIQUES)), max_size=3).map(tuple),
    "tools": st.lists(st.sampled_from(sorted(words.TOOLS)), max_size=3).map(tuple),
    "performer": st.none() | st.sampled_from(sorted(words.PERFORMERS)),
    "position": st.none() | st.sampled_from(sorted(words.POSITIONS)),
    "symptom": st.sampled_from(sorted(words.SYMPTOMS)),
    "intensity": st.none() | st.sampled_from(sorted(words.INTENSITIES)),
    "region": st.sampled_from(sorted(words.FOOT_REGIONS)),
    "finding": st.sampled_from(sorted(words.FOOT_FINDINGS)),
    "score": st.integers(0, 10),
    "weeks": st.integers(1, 104),
    "per_week": st.integers(1, 6),
    "seed": st.integers(0, 2**63 - 1),
    "planned_minute": st.integers(0, 1439),
    "bedtime_minute": st.none() | st.integers(0, 1439),
    "birth_year": st.none() | st.integers(1900, 2020),
    "target_low": st.none() | st.builds(Glucose, st.floats(60, 90), st.just(Unit.MG_DL)),
    "target_high": st.none() | st.builds(Glucose, st.floats(7, 11), st.just(Unit.MMOL_L)),
    "batch_id": st.none(),
    "session_id": st.none(),
    "links": st.just(()),
    "counts": st.dictionaries(TEXTS, st.integers(0, 10**9), max_size=3),
    "end": st.none(),
}
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    float: st.floats(0, 100),
    Moment: MOMENTS,
    Glucose: AMOUNTS,
    BodyArea: PLACES,
}


def _value(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if name in SPECIAL:
        return SPECIAL[name]
    if hint in LEAVES:
        return LEAVES[hint]
    if type(None) in get_args(hint):
        return st.none() | _value("", get_args(hint)[0])
    if getattr(hint, "__origin__", None) is tuple:
        return st.lists(_value("", get_args(hint)[0]), max_size=3).map(tuple)
    return _record(hint) if hasattr(hint, "__dataclass_fields__") else st.from_type(hint)


def _record(of: Any, **fixed: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(of)
    parts = {f.name: _value(f.name, hints[f.name]) for f in fields(of) if f.name not in fixed}
    return st.builds(of, **parts, **{name: st.just(value) for name, value in fixed.items()})


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_every_record_comes_back_as_it_was_stored(kind: str, log: Log, ada: Person) -> None:
    every_record_comes_back(kind, log, ada, examples=15)


def every_record_comes_back(kind: str, log: Log, ada: Person, *, examples: int) -> None:
    of = RECORD_KINDS[kind]

    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        owner = {} if of is Person else {"person_id": ada.id}
        first, second = (data.draw(_record(of, id=new_id(), **owner)) for _ in range(2))
        add(log, ada, first, Note(id=new_id(), person_id=ada.id, at=NOON, text="beside it"))
        assert log.record(of, first.id) == first
        changed = replace(second, id=first.id)
        with log.write(uid=new_id(), summary="edit", person_id=ada.id, at=NOON) as writer:
            writer.replace(changed)
        assert log.record(of, first.id) == changed

    check()


def add(log: Log, person: Person, *records: Record) -> None:
    with log.write(uid=new_id(), summary="add", person_id=person.id, at=NOON) as writer:
        for record in records:
            writer.add(record)


def test_a_session_keeps_the_links_to_its_readings(log: Log, ada: Person, make_reading: Callable[..., Reading]) -> None:
    before, after = make_reading(142), make_reading(98, minutes=45)
    session = Session(
        id=new_id(), person_id=ada.id, start=NOON.plus(minutes=5), end=NOON.plus(minutes=35),
        areas=(BodyArea("foot", Side.BOTH), BodyArea("back", Side.MIDDLE)),
        links=(
            ReadingLink(reading_id=after.id, phase=Phase.AFTER),
            ReadingLink(reading_id=before.id, phase=Phase.BEFORE),
        ),
    )  # fmt: skip
    add(log, ada, session, before, after)
    assert log.sessions(ada.id) == (session,)
    assert log.readings(ada.id) == (before, after)


def test_a_removed_record_is_not_seen_again(log: Log, ada: Person, make_reading: Callable[..., Reading]) -> None:
    kept, removed = make_reading(100), make_reading(90, minutes=5)
    add(log, ada, kept, removed)
    with log.write(uid=new_id(), summary="delete", person_id=ada.id, at=NOON) as writer:
        writer.remove(removed)
    assert log.readings(ada.id) == (kept,)
    assert list(log.trace(ada.id, Source.METER).amount) == [100.0]
    with pytest.raises(NotFoundError):
        log.record(Reading, removed.id)
    with (
        pytest.raises(NotFoundError),
        log.write(uid=new_id(), summary="delete", person_id=ada.id, at=NOON) as writer,
    ):
        writer.remove(removed)


def test_windows_are_closed_on_both_sides(log: Log, ada: Person, make_reading: Callable[..., Reading]) -> None:
    readings = [make_reading(100 + minute, minutes=minute) for minute in (0, 10, 20, 30)]
    add(log, ada, *readings)
    since, until = NOON.plus(minutes=10), NOON.plus(minutes=20)
    assert log.readings(ada.id, since, until) == tuple(readings[1:3])
    assert list(log.trace(ada.id, Source.METER, since, until).amount) == [110.0, 120.0]
    assert log.readings(ada.id, until=since) == tuple(readings[:2])


def test_a_trace_holds_one_source_in_time_order_as_typed(
    log: Log, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    add(
        log,
        ada,
        make_reading(7.9, minutes=10, source=Source.CGM, unit=Unit.MMOL_L),
        make_reading(40, minutes=5, source=Source.CGM, censored=Censored.LOW),
        make_reading(400, minutes=15, source=Source.CGM, censored=Censored.HIGH),
        make_reading(142, minutes=7),
    )
    trace = log.trace(ada.id, Source.CGM)
    assert [at_s - NOON.epoch_s for at_s in trace.at_s] == [300, 600, 900]
    assert list(trace.amount) == [40.0, 7.9, 400.0]
    assert list(trace.is_mmol_l) == [0, 1, 0]
    assert list(trace.censored) == [-1, 0, 1]
    assert trace.zone == BERLIN
    assert (trace.at_s.typecode, trace.amount.typecode, trace.censored.typecode) == ("q", "d", "b")
    assert trace.glucose(0) == Glucose(40.0, Unit.MG_DL, Censored.LOW)


def test_low_instants_are_those_under_the_number_of_their_own_unit(
    log: Log, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    typed = (69, Unit.MG_DL), (70, Unit.MG_DL), (3.8, Unit.MMOL_L), (3.9, Unit.MMOL_L)  # 3.8 and 3.9 are 68.5 and 70.3
    add(log, ada, *(make_reading(each, at * 5, Source.CGM, unit) for at, (each, unit) in enumerate(typed)))
    add(log, ada, make_reading(50, minutes=7), make_reading(40, 60, Source.CGM))
    found = log.instants_below(ada.id, Source.CGM, evidence.LEVEL_1.pair, NOON, NOON.plus(minutes=59))
    assert [at_s - NOON.epoch_s for at_s in found] == [0, 600]


def test_readings_of_many_stretches_are_those_of_one_source_in_time_order_and_the_linked_ones(
    log: Log, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    sensor = [make_reading(100 + at, at, Source.CGM) for at in range(0, 60, 5)]
    add(log, ada, *sensor, make_reading(99, minutes=10))
    stretches = [(NOON.epoch_s + 5 * 60, NOON.epoch_s + 15 * 60), (NOON.epoch_s + 30 * 60, NOON.epoch_s + 34 * 60)]
    told = log.readings_in(ada.id, Source.CGM, stretches, [sensor[0].id, sensor[2].id, new_id()])
    assert told == (sensor[0], *sensor[1:4], sensor[6])
    assert log.readings_in(ada.id, Source.CGM, []) == ()


def test_an_empty_trace_has_the_persons_zone(log: Log, ada: Person) -> None:
    assert log.trace(ada.id, Source.CGM).zone == BERLIN


def test_sessions_are_found_by_number_and_by_the_letters_of_their_id(log: Log, ada: Person) -> None:
    sessions = [Session(id=new_id(), person_id=ada.id, start=NOON.plus(minutes=60 * hour)) for hour in range(3)]
    add(log, ada, *sessions)
    assert log.session_by_ref(ada.id, "@1") == sessions[2]
    assert log.session_by_ref(ada.id, "@3") == sessions[0]
    assert log.session_by_ref(ada.id, sessions[1].id) == sessions[1]
    assert log.session_by_ref(ada.id, sessions[1].id.replace("-", "").upper()) == sessions[1]
    for wrong in ("@0", "@4", "@x", "@", "zz", "", "@²"):
        with pytest.raises(NotFoundError):
            log.session_by_ref(ada.id, wrong)
    with pytest.raises(AmbiguousError) as caught:
        log.session_by_ref(ada.id, sessions[0].id[:4])
    assert set(caught.value.choices) == {session.id for session in sessions}


def test_a_reference_never_finds_another_persons_session(log: Log, ada: Person) -> None:
    other = Person(id=new_id(), name="Ben", unit=Unit.MMOL_L, zone="UTC", therapy=Therapy.NONE)
    session = Session(id=new_id(), person_id=other.id, start=NOON)
    add(log, ada, other, session)
    with pytest.raises(NotFoundError):
        log.session_by_ref(ada.id, session.id)


def test_people_are_found_by_name_case_aside_where_that_is_clear(log: Log, ada: Person) -> None:
    assert log.person("Ada") == ada
    assert log.person("ADA") == ada
    twin = replace(ada, id=new_id(), name="ada")
    add(log, ada, twin)
    assert log.person("ada") == twin
    with pytest.raises(NotFoundError, match=r"It knows: Ada, ada\."):
        log.person("ADA")


def test_kinds_have_their_own_reads(log: Log, ada: Person) -> None:
    carbs = Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=30.0)
    note = Note(id=new_id(), person_id=ada.id, at=NOON, text="slept badly")
    pain = Symptom(id=new_id(), person_id=ada.id, at=NOON, symptom="pain", score=3)
    feet = FootCheck(id=new_id(), person_id=ada.id, at=NOON, sides=(Side.LEFT, Side.RIGHT))
    batch = ImportBatch(
        id=new_id(), person_id=ada.id, at=NOON, file_name="a.csv", file_sha256="0" * 64, format="generic", counts={}
    )
    add(log, ada, carbs, note, pain, feet, batch)
    assert (log.carbs(ada.id), log.notes(ada.id)) == ((carbs,), (note,))
    assert (log.symptoms(ada.id), log.foot_checks(ada.id)) == ((pain,), (feet,))
    assert (log.doses(ada.id), log.activities(ada.id)) == ((), ())
    assert log.imports(ada.id) == (batch,)


def test_what_the_team_was_not_told_is_read_alone(log: Log, ada: Person) -> None:
    def pain(minute: float, **said: Any) -> Symptom:
        return Symptom(id=new_id(), person_id=ada.id, at=NOON.plus(minutes=minute), symptom="pain", score=3, **said)

    old, later = pain(-600_000, new_or_worse=True), pain(10, new_or_worse=True)
    add(log, ada, pain(-5), pain(-4, new_or_worse=True, told_team_on=date(2026, 3, 29)), old, later)
    assert log.untold_symptoms(ada.id) == (old, later)
    assert log.untold_symptoms(ada.id, NOON) == (old,)


@pytest.mark.parametrize(
    "change",
    [
        {"person_id": "8c2f1a52-0f4e-4a53-9f55-3b8f0cfe4d11"},
        {"id": "not an id"},
        {"id": "8C2F1A52-0F4E-4A53-9F55-3B8F0CFE4D11"},
        {"glucose": Glucose(0.0, Unit.MG_DL)},
        {"glucose": Glucose(1e9, Unit.MG_DL)},
        {"at": Moment(1_774_785_600_000, "UTC")},
    ],
)
def test_what_the_log_can_not_hold_is_refused_and_nothing_is_stored(
    change: dict[str, Any], log: Log, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    fine = make_reading(120)
    with pytest.raises(RefusedError):
        add(log, ada, fine, replace(make_reading(100), **change))
    assert log.readings(ada.id) == ()
    assert len(log.history()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"techniques": ("rubbing",)}, {"performer": "robot"}, {"water_c": 150.0}, {"end": NOON.plus(minutes=-1)}],
)
def test_the_words_and_bounds_of_a_session_are_checked_by_the_tables(
    wrong: dict[str, Any], log: Log, ada: Person
) -> None:
    with pytest.raises(RefusedError):
        add(log, ada, Session(id=new_id(), person_id=ada.id, start=NOON, **wrong))
    assert len(log.history()) == 1


def test_scores_and_targets_are_checked(log: Log, ada: Person) -> None:
    with pytest.raises(RefusedError):
        add(log, ada, Symptom(id=new_id(), person_id=ada.id, at=NOON, symptom="pain", score=11))
    with pytest.raises(RefusedError, match="LO and HI"):
        add(log, ada, replace(ada, id=new_id(), target_low=Glucose(40.0, Unit.MG_DL, Censored.LOW)))
    assert len(log.history()) == 1


def test_canonical_mg_dl_is_computed_by_the_table(
    log: Log, target: str, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    add(log, ada, make_reading(10.0, unit=Unit.MMOL_L), make_reading(100, minutes=1))
    stored = [row[0] for row in ask(target, "SELECT mg_dl FROM reading ORDER BY at_s")]
    assert stored == pytest.approx([180.1559, 100.0])


def test_everything_is_there_after_closing_and_opening_again(
    log: Log, target: str, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    reading = make_reading(142)
    add(log, ada, reading)
    log.close()
    with open_log(target) as again:
        assert again.people() == (ada,)
        assert again.readings(ada.id) == (reading,)
