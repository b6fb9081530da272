"""Imports: what is known is left out, what contradicts is kept beside, a batch is undone as a whole."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    ImportBatch,
    InsulinKind,
    Note,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Record,
    Session,
    Therapy,
)
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.errors import RefusedError
from glucolog.storage import BlockCounts, Log, new_id, open_log
from glucolog.storage.engine import is_on_server
from glucolog.storage.events import Event
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.storage.places import MakeTarget, problems

NOON = Moment(1_774_785_600, "Europe/Berlin")
Row = tuple[int, float] | tuple[int, float, int]


def block(
    *rows: Row, source: Source = Source.CGM, unit: Unit = Unit.MG_DL, device: str | None = "Dexcom G6"
) -> ReadingBlock:
    """Return rows of (seconds after noon, amount[, −1 LO or 1 HI]) as columns."""
    return ReadingBlock(
        source=source,
        unit=unit,
        zone="Europe/Berlin",
        device=device,
        at_s=array("q", [NOON.epoch_s + row[0] for row in rows]),
        amount=array("d", [row[1] for row in rows]),
        censored=array("b", [row[2] if len(row) == 3 else 0 for row in rows]),
    )


def bring(
    log: Log, person: Person, *blocks: ReadingBlock, form: str = "dexcom", events: Sequence[Event] = ()
) -> BlockCounts:
    """Import blocks and events as one batch."""
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=NOON, file_name="a.csv", file_sha256="0" * 64, format=form, counts={}
    )
    with log.write(uid=new_id(), summary=f"import {form}", person_id=person.id, at=NOON) as writer:
        writer.add(batch)
        counts = writer.add_blocks(person.id, batch.id, blocks)
        rows = [replace(event, batch_id=batch.id) for event in events]
        counts += writer.add_events(person.id, batch.id, rows, shift_s=counts.shift_s)
    return counts


def told(counts: BlockCounts) -> tuple[int, int, int]:
    return counts.new, counts.duplicate, counts.conflict


def trace(log: Log, person: Person, source: Source = Source.CGM) -> list[tuple[int, float]]:
    columns = log.trace(person.id, source)
    return [(at_s - NOON.epoch_s, amount) for at_s, amount in zip(columns.at_s, columns.amount, strict=True)]


def test_imported_readings_are_readings(log: Log, ada: Person) -> None:
    counts = bring(log, ada, block((0, 142.0), (300, 40.0, -1), (600, 400.0, 1)))
    assert told(counts) == (3, 0, 0)
    readings = log.readings(ada.id)
    assert [reading.at for reading in readings] == [NOON, NOON.plus(minutes=5), NOON.plus(minutes=10)]
    assert [reading.glucose for reading in readings] == [
        Glucose(142.0, Unit.MG_DL), Glucose(40.0, Unit.MG_DL, Censored.LOW), Glucose(400.0, Unit.MG_DL, Censored.HIGH),
    ]  # fmt: skip
    assert {reading.device for reading in readings} == {"Dexcom G6"}
    assert {reading.batch_id for reading in readings} == {log.imports(ada.id)[0].id}


def test_the_same_file_again_changes_nothing(log: Log, ada: Person) -> None:
    rows = block((0, 142.0), (300, 40.0, -1), (600, 7.0), (900, 6.0)), block((100, 5.5), unit=Unit.MMOL_L, device=None)
    bring(log, ada, *rows)
    before = log.history(None)
    assert told(bring(log, ada, *rows)) == (0, 5, 0)
    assert log.history(None) == before
    assert len(log.imports(ada.id)) == 1


def test_a_longer_file_brings_only_what_is_new(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0), (300, 141.0)))
    assert told(bring(log, ada, block((0, 142.0), (300, 141.0), (600, 140.0)))) == (1, 2, 0)


def test_repeats_inside_a_file_are_counted(log: Log, ada: Person) -> None:
    counts = bring(log, ada, block((300, 141.0), (0, 142.0), (300, 141.0), (300, 150.0), (300, 150.0), (300, 141.0)))
    assert told(counts) == (2, 3, 1)
    assert trace(log, ada) == [(0, 142.0), (300, 141.0)]


@pytest.mark.parametrize(
    ("source", "apart_s", "expected"),
    [
        (Source.CGM, 149, (0, 1, 0)),
        (Source.CGM, -149, (0, 1, 0)),
        (Source.CGM, 150, (1, 0, 0)),
        (Source.METER, 60, (0, 1, 0)),
        (Source.METER, -60, (0, 1, 0)),
        (Source.METER, 61, (1, 0, 0)),
    ],
)
def test_the_same_value_near_by_from_another_format_is_the_same_reading(
    source: Source, apart_s: int, expected: tuple[int, int, int], log: Log, ada: Person
) -> None:
    bring(log, ada, block((0, 142.0), source=source))
    assert told(bring(log, ada, block((apart_s, 142.0), source=source), form="nightscout")) == expected
    assert told(bring(log, ada, block((apart_s, 142.0), source=source), form="nightscout")) == (0, 1, 0)


def test_the_same_value_near_by_from_another_device_of_the_same_file_is_the_same_reading(log: Log, ada: Person) -> None:
    counts = bring(log, ada, block((0, 142.0)), block((30, 142.0), device="phone"))
    assert told(counts) == (1, 1, 0)


def test_the_same_value_near_by_from_the_same_device_and_format_is_another_reading(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0)))
    assert told(bring(log, ada, block((60, 142.0), (120, 142.0)))) == (2, 0, 0)


def test_another_value_near_by_is_another_reading(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0)))
    assert told(bring(log, ada, block((60, 143.0)), form="nightscout")) == (1, 0, 0)


@pytest.mark.parametrize(
    ("stored", "offered", "same"),
    [
        ((142.0, Unit.MG_DL), (7.9, Unit.MMOL_L), True),  # 7.88 shown as 7.9
        ((142.0, Unit.MG_DL), (8.0, Unit.MMOL_L), False),  # 144.1
        ((7.8820, Unit.MMOL_L), (7.9, Unit.MMOL_L), True),  # ten digits and one of the same value
        ((7.9, Unit.MMOL_L), (8.0, Unit.MMOL_L), False),
        ((142.0, Unit.MG_DL), (141.0, Unit.MG_DL), False),
        ((5.5, Unit.MMOL_L), (99.0, Unit.MG_DL), True),  # 99.09
    ],
)
def test_values_are_the_same_when_they_are_shown_the_same(
    stored: tuple[float, Unit], offered: tuple[float, Unit], same: bool, log: Log, ada: Person
) -> None:
    bring(log, ada, block((0, stored[0]), unit=stored[1]))
    counts = bring(log, ada, block((0, offered[0]), unit=offered[1]), form="libreview")
    assert told(counts) == ((0, 1, 0) if same else (0, 0, 1))


def test_low_and_the_number_of_its_limit_are_not_the_same(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 40.0, -1)))
    assert told(bring(log, ada, block((0, 39.0, -1)), form="other")) == (0, 1, 0)
    assert told(bring(log, ada, block((0, 40.0)), form="other")) == (0, 0, 1)


def test_a_conflict_is_kept_named_and_not_in_use(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0), (300, 140.0)))
    counts = bring(log, ada, block((0, 150.0), device="phone"))
    assert told(counts) == (0, 0, 1)
    (conflict,) = counts.conflicts
    assert (conflict.at, conflict.source, conflict.device) == (NOON, Source.CGM, "phone")
    assert (conflict.in_use, conflict.offered) == (Glucose(142.0, Unit.MG_DL), Glucose(150.0, Unit.MG_DL))
    assert trace(log, ada) == [(0, 142.0), (300, 140.0)]
    assert [reading.glucose.amount for reading in log.unused_readings(ada.id)] == [150.0]
    assert told(bring(log, ada, block((0, 150.0), device="phone"))) == (0, 1, 0)


def test_removing_the_reading_in_use_brings_the_other_one_into_use_and_undo_takes_it_back(
    log: Log, ada: Person
) -> None:
    bring(log, ada, block((0, 142.0)))
    bring(log, ada, block((0, 150.0), device="phone"))
    with log.write(uid=new_id(), summary="delete", person_id=ada.id, at=NOON) as writer:
        writer.remove(log.readings(ada.id)[0])
    assert trace(log, ada) == [(0, 150.0)]
    log.undo(at=NOON)
    assert trace(log, ada) == [(0, 142.0)]
    log.redo(at=NOON)
    assert trace(log, ada) == [(0, 150.0)]


def test_what_was_typed_stays_in_use_beside_an_import(
    log: Log, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    bring(log, ada, block((0, 142.0), source=Source.METER))
    typed = make_reading(150)
    with log.write(uid=new_id(), summary="add", person_id=ada.id, at=NOON) as writer:
        writer.add(typed)
    assert typed in log.readings(ada.id)
    assert told(bring(log, ada, block((0, 160.0), source=Source.METER), form="other")) == (0, 0, 1)
    assert told(bring(log, ada, block((45, 150.0), source=Source.METER), form="other")) == (0, 1, 0)


def test_meter_and_sensor_are_never_the_same_reading(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0)))
    assert told(bring(log, ada, block((0, 142.0), source=Source.METER))) == (1, 0, 0)


def test_another_persons_readings_do_not_count(log: Log, ada: Person) -> None:
    ben = Person(id=new_id(), name="Ben", unit=Unit.MG_DL, zone="UTC", therapy=Therapy.NONE)
    with log.write(uid=new_id(), summary="add person Ben", person_id=ben.id, at=NOON) as writer:
        writer.add(ben)
    bring(log, ada, block((0, 142.0)))
    assert told(bring(log, ben, block((0, 142.0)))) == (1, 0, 0)


def test_an_import_is_undone_as_a_whole_and_can_be_made_again(log: Log, target: str, ada: Person) -> None:
    events = (Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=20.0),)
    bring(log, ada, block((0, 142.0), (300, 141.0)), events=events)
    log.undo(at=NOON)
    assert (trace(log, ada), log.carbs(ada.id), log.imports(ada.id)) == ([], (), ())
    log.redo(at=NOON)
    assert (trace(log, ada), len(log.carbs(ada.id))) == ([(0, 142.0), (300, 141.0)], 1)
    log.undo(at=NOON)
    again = tuple(replace(event, id=new_id()) for event in events)
    assert told(bring(log, ada, block((0, 142.0), (300, 141.0)), events=again)) == (3, 0, 0)
    assert problems(target) == ()


def test_a_reading_removed_by_hand_does_not_come_back_with_the_file(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0), (300, 141.0)))
    with log.write(uid=new_id(), summary="delete", person_id=ada.id, at=NOON) as writer:
        writer.remove(log.readings(ada.id)[0])
    assert told(bring(log, ada, block((0, 142.0), (300, 141.0)))) == (0, 2, 0)
    assert trace(log, ada) == [(300, 141.0)]


def test_an_older_import_is_not_undone_from_under_what_builds_on_it(log: Log, ada: Person) -> None:
    bring(log, ada, block((0, 142.0), (300, 141.0)))
    first = log.history(1)[0].seq
    bring(log, ada, block((0, 142.0), (600, 140.0)))
    with pytest.raises(RefusedError, match="builds on it"):
        log.undo_entry(first, at=NOON)
    log.undo(at=NOON)
    link = ReadingLink(reading_id=log.readings(ada.id)[0].id, phase=Phase.BEFORE)
    with log.write(uid=new_id(), summary="add session", person_id=ada.id, at=NOON) as writer:
        writer.add(Session(id=new_id(), person_id=ada.id, start=NOON, links=(link,)))
    with pytest.raises(RefusedError, match="“add session”"):
        log.undo_entry(first, at=NOON)


def test_rows_without_their_batch_are_a_mistake_of_the_caller(log: Log, ada: Person) -> None:
    with (
        pytest.raises(ValueError, match="batch"),
        log.write(uid=new_id(), summary="import", person_id=ada.id, at=NOON) as writer,
    ):
        writer.add_blocks(ada.id, new_id(), [block((0, 142.0))])


@pytest.mark.parametrize("wrong", [-5.0, 0.0, 1e9, float("inf"), float("nan")])
def test_an_import_that_the_log_can_not_hold_is_refused_as_a_whole(wrong: float, log: Log, ada: Person) -> None:
    with pytest.raises(RefusedError):
        bring(log, ada, block((0, 142.0), (300, wrong)))
    assert trace(log, ada) == []
    assert told(bring(log, ada, block((0, 142.0)))) == (1, 0, 0)


def dose(person: Person, minutes: float = 0, units: float = 4.0, name: str | None = "aspart") -> Dose:
    return Dose(
        id=new_id(), person_id=person.id, at=NOON.plus(minutes=minutes), units=units, kind=InsulinKind.RAPID, name=name
    )


def test_events_are_the_same_when_instant_kind_amount_and_name_are(log: Log, ada: Person) -> None:
    stored = (
        dose(ada),
        Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=30.0),
        Activity(id=new_id(), person_id=ada.id, at=NOON, kind="walk", minutes=20.0),
        Note(id=new_id(), person_id=ada.id, at=NOON, text="tired"),
    )
    assert told(bring(log, ada, events=stored)) == (4, 0, 0)
    assert told(bring(log, ada, events=[replace(event, id=new_id()) for event in stored])) == (0, 4, 0)
    others = (
        dose(ada, minutes=1),
        dose(ada, units=5.0),
        dose(ada, name="lispro"),
        replace(dose(ada), kind=InsulinKind.LONG),
        Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=31.0),
        Activity(id=new_id(), person_id=ada.id, at=NOON, kind="run", minutes=20.0),
        Note(id=new_id(), person_id=ada.id, at=NOON, text="awake"),
        Note(id=new_id(), person_id=ada.id, at=NOON, text="awake"),
    )
    assert told(bring(log, ada, events=others)) == (7, 1, 0)


def test_equal_doses_that_a_file_tells_apart_are_two(log: Log, ada: Person) -> None:
    meal = dose(ada, units=2.0)
    halves = (replace(meal, note="meal"), replace(meal, id=new_id(), note="correction"))
    dual = (dose(ada, 60, units=2.0), replace(dose(ada, 60, units=2.0), duration_min=120.0))
    assert told(bring(log, ada, events=(*halves, *dual))) == (4, 0, 0)
    again = [replace(event, id=new_id()) for event in (*halves, *dual)]
    assert told(bring(log, ada, events=again)) == (0, 4, 0)


def test_a_dose_without_its_insulins_name_is_the_same_dose(log: Log, ada: Person) -> None:
    assert told(bring(log, ada, events=[dose(ada)])) == (1, 0, 0)
    unnamed = replace(dose(ada, name=None), kind=InsulinKind.UNKNOWN)
    assert told(bring(log, ada, events=[unnamed], form="xdrip")) == (0, 1, 0)
    two = [replace(unnamed, id=new_id(), note=note) for note in ("one", "two")]
    assert told(bring(log, ada, events=two, form="xdrip")) == (1, 1, 0)


def test_a_typed_dose_is_known_to_an_import(log: Log, ada: Person) -> None:
    typed = dose(ada)
    with log.write(uid=new_id(), summary="add dose", person_id=ada.id, at=NOON) as writer:
        writer.add(typed)
    assert told(bring(log, ada, events=[dose(ada)])) == (0, 1, 0)
    assert log.doses(ada.id) == (typed,)


ROWS = st.lists(
    st.tuples(st.integers(0, 40).map(lambda step: step * 30), st.sampled_from([80.0, 81.0, 120.0])), max_size=12
)


Files = list[tuple[list[tuple[int, float]], str, str]]
FILES = st.lists(st.tuples(ROWS, st.sampled_from(["G6", "phone"]), st.sampled_from(["a", "b"])), max_size=4)


@settings(max_examples=25, deadline=None)
@given(files=FILES)
def test_importing_is_idempotent_and_counts_every_row(files: Files, make_target: MakeTarget) -> None:
    importing_is_idempotent(files, make_target())


def importing_is_idempotent(files: Files, target: str) -> None:
    ada = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="UTC", therapy=Therapy.MDI)
    with open_log(target, create=True) as log:
        with log.write(uid=new_id(), summary="add person", person_id=ada.id, at=NOON) as writer:
            writer.add(ada)
        for rows, device, form in files:
            assert sum(told(bring(log, ada, block(*rows, device=device), form=form))) == len(rows)
            assert told(bring(log, ada, block(*rows, device=device), form=form)) == (0, len(rows), 0)
            instants = [at_s for at_s, _ in trace(log, ada)]
            assert instants == sorted(set(instants))
        assert problems(target) == ()


def take_in(log: Log, person: Person, *records: Record) -> BlockCounts:
    with log.write(uid=new_id(), summary="import export", person_id=person.id, at=NOON) as writer:
        return writer.add_missing(records)


def test_the_records_of_another_log_keep_their_ids_and_come_once(
    log: Log, target: str, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    reading = make_reading(142)
    session = Session(
        id=new_id(), person_id=ada.id, start=NOON, links=(ReadingLink(reading_id=reading.id, phase=Phase.BEFORE),)
    )
    assert told(take_in(log, ada, session, ada, reading)) == (2, 1, 0)
    assert (log.sessions(ada.id), log.readings(ada.id)) == ((session,), (reading,))
    told_before = log.history(None)
    assert told(take_in(log, ada, session, ada, reading)) == (0, 3, 0)
    assert log.history(None) == told_before
    assert told(take_in(log, ada, replace(session, note="other"))) == (0, 0, 1)
    assert log.sessions(ada.id) == (session,)
    log.undo(at=NOON)
    assert (log.sessions(ada.id), log.readings(ada.id), log.people()) == ((), (), (ada,))
    assert told(take_in(log, ada, session, reading)) == (2, 0, 0)
    assert (log.sessions(ada.id), log.readings(ada.id)) == ((session,), (reading,))
    assert problems(target) == ()


def test_thousands_of_records_are_taken_in_and_undone_at_once(
    log: Log, ada: Person, make_reading: Callable[..., Reading]
) -> None:
    readings = [make_reading(80 + row % 100, minutes=5 * row, source=Source.CGM) for row in range(3000)]
    assert told(take_in(log, ada, *readings)) == (3000, 0, 0)
    assert log.readings(ada.id) == tuple(readings)
    log.undo(at=NOON)
    assert len(log.trace(ada.id, Source.CGM)) == 0
    log.redo(at=NOON)
    assert log.readings(ada.id) == tuple(readings)


def test_a_long_block_says_how_far_it_is(log: Log, ada: Person, target: str) -> None:
    batch = ImportBatch(
        id=new_id(), person_id=ada.id, at=NOON, file_name="a", file_sha256="0" * 64, format="dexcom", counts={}
    )
    rows = [(300 * n - 4_000_000, 80.0 + n % 97) for n in range(12_001)]
    said: list[int] = []
    with log.write(uid=new_id(), summary="import", person_id=ada.id, at=NOON) as writer:
        writer.add(batch)
        assert told(writer.add_blocks(ada.id, batch.id, [block(*rows)], said.append)) == (12_001, 0, 0)
    assert said == ([] if is_on_server(target) else [0, 5_000, 10_000])  # a server takes all rows in one go
    assert trace(log, ada) == rows


HOUR = 3_600
SUMMER: list[tuple[int, float]] = [(300 * n, 100.0 + n % 7 * 5 + n // 7) for n in range(60)]
"""Five hours of a sensor that are not like any other hour of themselves."""


def moved(rows: Sequence[Row], seconds: int) -> list[Row]:
    return [(row[0] + seconds, *row[1:]) for row in rows]


@pytest.mark.parametrize("shift_s", [HOUR, -HOUR, HOUR + 17])
def test_a_file_whose_clock_is_an_hour_off_brings_nothing(log: Log, ada: Person, shift_s: int) -> None:
    bring(log, ada, block(*SUMMER))
    counts = bring(log, ada, block(*moved(SUMMER, shift_s)))
    assert told(counts) == (0, 60, 0)
    assert (counts.shifted, abs(counts.shift_s)) == (60, HOUR)
    assert trace(log, ada) == SUMMER


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param(30, id="Lord Howe's summer"),
        pytest.param(-345, id="a journey to Kathmandu"),
        pytest.param(9 * 60, id="a journey to Tokyo"),
        pytest.param(-25 * 60, id="over the date line"),
    ],
)
def test_a_file_placed_in_another_zone_brings_nothing(log: Log, ada: Person, minutes: int) -> None:
    bring(log, ada, block(*SUMMER))
    counts = bring(log, ada, block(*moved(SUMMER, 60 * minutes)))
    assert (told(counts), counts.shifted, counts.shift_s) == ((0, 60, 0), 60, -60 * minutes)
    assert trace(log, ada) == SUMMER


def test_a_few_values_that_stand_elsewhere_are_no_shift(log: Log, ada: Person) -> None:
    """A fifth of the rows is a fifth too many to be chance of the file's clock."""
    bring(log, ada, block(*SUMMER))
    other = [(at_s + HOUR, amount + 60 * (n % 5 == 0)) for n, (at_s, amount) in enumerate(SUMMER)]
    assert bring(log, ada, block(*other)).shifted == 0


def test_what_lies_beyond_the_shifted_rows_is_new(log: Log, ada: Person) -> None:
    """An export in winter: the summer an hour off, then days that the log has not seen."""
    bring(log, ada, block(*SUMMER))
    later: list[Row] = [(90_000 + 300 * n, 150.0 + n) for n in range(30)]
    assert told(bring(log, ada, block(*moved(SUMMER, HOUR), *later))) == (30, 60, 0)


def test_the_doses_of_such_a_file_are_not_doubled(log: Log, ada: Person) -> None:
    def dose(seconds: int) -> Dose:
        at = NOON.plus(seconds=seconds)
        return Dose(id=new_id(), person_id=ada.id, at=at, units=4.5, kind=InsulinKind.RAPID)

    bring(log, ada, block(*SUMMER), events=[dose(600)])
    assert told(bring(log, ada, block(*moved(SUMMER, HOUR)), events=[dose(600 + HOUR), dose(7_000)])) == (1, 61, 0)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(300 * n, 40.0, -1) for n in range(60)], id="LO for hours"),
        pytest.param([(300 * n, 100.0 + n % 2) for n in range(60)], id="a flat night"),
    ],
)
def test_what_looks_alike_an_hour_later_by_itself_is_no_shift(log: Log, ada: Person, rows: list[Row]) -> None:
    bring(log, ada, block(*rows))
    counts = bring(log, ada, block(*moved(rows, HOUR + 150)))
    assert (counts.new, counts.shifted) == (60, 0)
