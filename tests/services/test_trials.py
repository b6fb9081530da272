"""A trial lived through in a log: drawn, kept for the most part, asked too early, asked at its end, given up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from glucolog.analysis.grades import Grade
from glucolog.analysis.trial import schedule
from glucolog.cli import trial_text
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session, Therapy
from glucolog.core.units import Unit
from glucolog.errors import NotFoundError, RefusedError
from glucolog.services import trials
from glucolog.services.identity import Call, new_id
from glucolog.services.importing import Request, import_file
from glucolog.services.opening import opened
from glucolog.services.people import add_first
from glucolog.services.trials import Draft, Standing
from glucolog.storage import Log

ZONE = "UTC"
START = date(2026, 1, 5)
PLANNED_MIN = 19 * 60
WEEKS, PER_WEEK, SEED = 8, 3, 11
CAUSAL = "The days were drawn at random, so the difference between them is due to planning massage on a day"


def at(day: date, minute: int = 0) -> Moment:
    return Moment(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + 60 * minute, ZONE)


def call(day: date) -> Call:
    return Call(now=at(day, 600), uid=new_id())


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(str(tmp_path / "log.db"), create=True) as made:
        yield made


@pytest.fixture
def ada(log: Log) -> Person:
    person = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone=ZONE, therapy=Therapy.MDI)
    return add_first(log, person, call(START - timedelta(days=1)))


def draft(**said: int) -> Draft:
    return replace(Draft(weeks=WEEKS, per_week=PER_WEEK, start_day=START, planned_minute=PLANNED_MIN), **said)  # type: ignore[arg-type]


def drawn(log: Log, person: Person, seed: int = SEED) -> list[tuple[date, bool]]:
    trial = trials.begin(log, person, draft(), call(START - timedelta(days=1)), seed=seed)
    return [(day.day, day.massage) for day in schedule(trials.plan_of(trial))]


def live(log: Log, person: Person, days: list[tuple[date, bool]], drop: float, folder: Path, missed: int = 0) -> None:
    """Readings of each evening, `drop` lower from the planned time on massage days; the first `missed` skipped."""
    noise = np.random.default_rng(1)
    kept = {day for day, _ in [pair for pair in days if pair[1]][missed:]}
    rows = ["time,glucose_mg_dl,source"]
    for day, _ in days:
        level = 140 + noise.normal(0, 6)
        for minute in range(PLANNED_MIN - 120, PLANNED_MIN + 180, 5):
            fallen = drop if day in kept and minute > PLANNED_MIN else 0
            rows.append(f"{at(day, minute).iso()},{level - fallen + noise.normal(0, 3):.0f},cgm")
    path = folder / "readings.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = import_file(log, person, str(path), Request(), call(days[-1][0] + timedelta(days=2)), lambda *_: None)
    assert done.rejected == ()
    with log.write(uid=new_id(), summary="sessions", person_id=person.id, at=at(days[-1][0])) as writer:
        for day in sorted(kept):
            start = at(day, PLANNED_MIN)
            writer.add(Session(id=new_id(), person_id=person.id, start=start, end=start.plus(minutes=30)))


def ended(log: Log, person: Person) -> Standing:
    return trials.standing(log, person, START + timedelta(weeks=WEEKS))


def test_a_finished_trial_finds_the_drop_and_says_it_of_the_draw(log: Log, ada: Person, tmp_path: Path) -> None:
    live(log, ada, drawn(log, ada), 30, tmp_path)
    result = ended(log, ada).result
    assert (result.n_massage, result.n_rest, result.n_missing, result.n_kept, result.n_crossed) == (24, 32, 0, 24, 0)
    assert result.estimate_mg_dl == pytest.approx(30, abs=3)
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.ci_low < 30 < result.ci_high
    assert result.p_value == pytest.approx(0, abs=1e-3)
    assert result.grade is Grade.ESTIMATE
    assert any(CAUSAL in sentence for sentence in trials.sentences(ended(log, ada), ada))


def test_missed_days_count_as_they_were_drawn(log: Log, ada: Person, tmp_path: Path) -> None:
    live(log, ada, drawn(log, ada), 30, tmp_path, missed=6)
    result = ended(log, ada).result
    assert (result.n_massage, result.n_kept) == (24, 18)
    assert result.estimate_mg_dl == pytest.approx(30 * 18 / 24, abs=5)  # by intention to treat, not 30


def test_the_schedule_shows_which_days_were_kept(log: Log, ada: Person, tmp_path: Path) -> None:
    days = drawn(log, ada)
    fresh = trial_text.schedule(trials.standing(log, ada, START), ada).splitlines()
    assert fresh[-2:] == [
        f"Today: {'massage' if days[0][1] else 'no massage'}.",
        "Every day counts as it was drawn, whether or not the session takes place.",
    ]
    live(log, ada, days[:10], 30, tmp_path, missed=1)
    lines = trial_text.schedule(trials.standing(log, ada, START + timedelta(days=12)), ada).splitlines()
    massage_days = [place for place, (_, massage) in enumerate(days) if massage]
    cells = [line[begin : begin + 10] for line in lines[3:5] for begin in range(0, 84, 12)]
    for place, cell in enumerate(cells):
        kept = place in massage_days[1:] and place < 10
        passed = place < 12
        came = "✓" if kept else "✗" if passed and place in massage_days else " "
        unread = "?" if passed and place >= 10 else " "
        assert cell == f"{'●' if place in massage_days else '·'}{came}{unread} {days[place][0]:%d %b}"
    over = trial_text.schedule(ended(log, ada), ada).splitlines()
    assert over[-1] == "The trial is over: `glucolog trial result` compares the days."


def test_a_trial_of_nothing_finds_nothing(log: Log, ada: Person, tmp_path: Path) -> None:
    live(log, ada, drawn(log, ada), 0, tmp_path)
    result = ended(log, ada).result
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.ci_low <= 0 <= result.ci_high
    assert result.p_value is not None
    assert result.p_value > 0.05


@pytest.mark.parametrize(
    ("days", "reason"), [(WEEKS * 7 - 1, "The trial runs until 2026-03-01"), (0, "The trial runs")]
)
def test_no_result_before_the_end(log: Log, ada: Person, tmp_path: Path, days: int, reason: str) -> None:
    live(log, ada, drawn(log, ada), 30, tmp_path)
    early = trials.standing(log, ada, START + timedelta(days=days))
    assert (early.result.grade, early.result.estimate_mg_dl, len(early.days)) == (Grade.NONE, None, days)
    said = " ".join(trials.sentences(early, ada))
    assert reason in said
    assert CAUSAL not in said


def test_a_trial_given_up_has_no_result_even_after_its_end(log: Log, ada: Person, tmp_path: Path) -> None:
    live(log, ada, drawn(log, ada), 30, tmp_path)
    trials.stop(log, ada, call(START + timedelta(days=20)))
    assert ended(log, ada).result.estimate_mg_dl is None
    said = " ".join(trials.sentences(ended(log, ada), ada))
    assert f"given up on {START + timedelta(days=20)}; it has no result" in said
    assert CAUSAL not in said
    log.undo(1, person_id=ada.id, at=at(START + timedelta(days=21)))
    assert ended(log, ada).result.estimate_mg_dl is not None


def test_only_a_running_trial_can_be_given_up(log: Log, ada: Person, tmp_path: Path) -> None:
    live(log, ada, drawn(log, ada), 30, tmp_path)
    with pytest.raises(RefusedError, match="No trial is running"):
        trials.stop(log, ada, call(START + timedelta(weeks=WEEKS)))
    assert ended(log, ada).result.estimate_mg_dl is not None
    retried = call(START + timedelta(weeks=WEEKS, days=-1))
    stopped = trials.stop(log, ada, retried)
    assert trials.stop(log, ada, retried) == stopped
    with pytest.raises(RefusedError, match="No trial is running"):
        trials.stop(log, ada, call(START + timedelta(weeks=WEEKS, days=-1)))


def test_the_seed_alone_decides_the_days(log: Log, ada: Person) -> None:
    days = drawn(log, ada)
    assert all(sum(massage for _, massage in days[week * 7 : week * 7 + 7]) == PER_WEEK for week in range(WEEKS))
    trials.stop(log, ada, call(START))
    trial = trials.begin(log, ada, draft(), call(START), seed=SEED + 1)
    assert [(day.day, day.massage) for day in schedule(trials.plan_of(trial))] != days
    assert schedule(replace(trials.plan_of(trial), seed=SEED)) == tuple(
        replace(day, massage=massage) for day, (_, massage) in zip(schedule(trials.plan_of(trial)), days, strict=True)
    )


def test_what_cannot_be_a_trial_is_refused(log: Log, ada: Person) -> None:
    with pytest.raises(NotFoundError):
        trials.current(log, ada)
    for wrong in (draft(per_week=7), draft(per_week=0), draft(weeks=1)):
        with pytest.raises(RefusedError):
            trials.begin(log, ada, wrong, call(START))
    with pytest.raises(RefusedError, match="can't begin in the past"):
        trials.begin(log, ada, draft(), call(START + timedelta(days=1)))
    drawn(log, ada)
    with pytest.raises(RefusedError, match="A trial runs until 2026-03-01"):
        trials.begin(log, ada, draft(), call(START))
