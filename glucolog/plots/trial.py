"""The days drawn by lot: which were massage days, which were rest days, and the drop on each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import fmean

from glucolog.analysis.effect_text import say_trial
from glucolog.analysis.trial import DayOutcome, TrialPlan, TrialResult, schedule
from glucolog.analysis.trial import TrialDay as DrawnDay
from glucolog.core.moments import format_minute_of_day
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table
from glucolog.plots.theme import Scale

TITLE = "The trial"
_ROW = {"massage": 1, "rest": 0}
_LOOKS = ("massage", theme.TRACE, "circle", "solid"), ("rest", theme.CONTROL, "square-open", "dash")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDay:
    """One day drawn by lot. `arm` is "massage" or "rest"; `drop_mg_dl` None while it is to come or without readings."""

    day: date
    arm: str
    drop_mg_dl: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """What the figure shows: the days in order, the outcome in words, and the result sentence or why there is none."""

    scale: Scale
    outcome: str
    days: tuple[TrialDay, ...] = ()
    result: str | None = None


def from_result(result: TrialResult, plan: TrialPlan, scale: Scale) -> TrialData:
    """Return every drawn day, those that passed with their outcome, and what the trial says."""
    passed = {day.drawn.day: day for day in result.days}
    return TrialData(
        scale=scale,
        outcome=wording.TRIAL_OUTCOME.format(clock=format_minute_of_day(plan.planned_minute)),
        days=tuple(_day(drawn, passed.get(drawn.day)) for drawn in schedule(plan)),
        result=" ".join(say_trial(result, plan, scale.unit)),
    )


def _day(drawn: DrawnDay, outcome: DayOutcome | None) -> TrialDay:
    crossed = outcome is not None and outcome.had_session is not drawn.massage
    note = wording.TRIAL_CROSSED[drawn.massage] if crossed else None
    drop = outcome.drop_mg_dl if outcome else None
    return TrialDay(day=drawn.day, arm="massage" if drawn.massage else "rest", drop_mg_dl=drop, note=note)


def figure(data: TrialData) -> Figure:
    """Return the drop of each day by arm above, and the order of the days below."""
    if not data.days:
        return draw.empty(wording.NO_TRIAL)
    return draw.figure(
        [*_drops(data), *_schedule(data)],
        x=draw.date_axis(anchor="y2", fixedrange=True),
        y=_drop_axis(data),
        shapes=[draw.level(0, theme.AXIS, "solid"), *_means(data)],
        height=520,
        more={
            "yaxis2": draw.axis("", tickmode="array", tickvals=[0, 1], ticktext=["rest", "massage"],
                                range=[-0.6, 1.6], domain=[0, 0.2], fixedrange=True),
        },
    )  # fmt: skip


def _of(arm: str, data: TrialData) -> list[TrialDay]:
    return [each for each in data.days if each.arm == arm]


def _drop_axis(data: TrialData) -> Piece:
    drops = [data.scale.of_mg_dl(each.drop_mg_dl) for each in data.days if each.drop_mg_dl is not None]
    spec = theme.round_axis(min([0.0, *drops]), max([data.scale.of_mg_dl(20), *drops]), 5)
    return draw.numeric_axis(f"{data.outcome}, {data.scale.unit}", spec, domain=[0.28, 1], fixedrange=True)


def _drops(data: TrialData) -> list[Piece]:
    pieces = []
    for arm, ink, symbol, _ in _LOOKS:
        done = [(each, each.drop_mg_dl) for each in _of(arm, data) if each.drop_mg_dl is not None]
        pieces.append(
            draw.points(
                [each.day.isoformat() for each, _ in done], [data.scale.of_mg_dl(drop) for _, drop in done],
                _arm_words(arm, [drop for _, drop in done], data.scale), ink, symbol, 11,
                text=[_told(each, data.scale) for each, _ in done],
            )
        )  # fmt: skip
    return pieces


def _arm_words(arm: str, drops_mg_dl: list[float], scale: Scale) -> str:
    if not drops_mg_dl:
        return wording.TRIAL_ARM.format(arm=arm, n=0)
    mean = words.signed_words(fmean(drops_mg_dl), scale.unit)
    return wording.TRIAL_ARM_MEAN.format(arm=arm, n=len(drops_mg_dl), drop=mean, unit=scale.unit)


def _means(data: TrialData) -> list[Piece]:
    """Return a level line at the mean drop of each arm that has outcomes."""
    arms = [(_of(arm, data), ink, dash) for arm, ink, _, dash in _LOOKS]
    known = [([day.drop_mg_dl for day in days if day.drop_mg_dl is not None], ink, dash) for days, ink, dash in arms]
    return [draw.level(data.scale.of_mg_dl(fmean(drops)), ink, dash) for drops, ink, dash in known if drops]


def _schedule(data: TrialData) -> list[Piece]:
    told = [_told(each, data.scale) for each in data.days]
    marker = {"symbol": ["square" if each.drop_mg_dl is not None else "square-open" for each in data.days]}
    return [
        draw.points([each.day.isoformat() for each in data.days], [_ROW[each.arm] for each in data.days],
                    "drawn by lot", theme.QUIET, size=9, text=told, marker=marker, yaxis="y2")
    ]  # fmt: skip


def _told(day: TrialDay, scale: Scale) -> str:
    return f"{words.day_words(day.day)}, {day.arm} day<br>{_outcome(day, scale)}"


def _outcome(day: TrialDay, scale: Scale) -> str:
    if day.drop_mg_dl is None:
        return "no outcome yet"
    return f"drop {words.signed_words(day.drop_mg_dl, scale.unit)} {scale.unit}"


def table(data: TrialData) -> Table:
    """Return a row a day."""
    return Table(
        caption=f"{TITLE}: {data.outcome}",
        head=("day", "drawn", "outcome", "note"),
        rows=tuple(
            (words.day_words(each.day), each.arm, _outcome(each, data.scale), each.note or "–") for each in data.days
        ),
        note=data.result,
    )


def summary(data: TrialData) -> str:
    """Return how many days of each arm are done, and the result in words."""
    if not data.days:
        return wording.NO_TRIAL
    done = {arm: sum(each.drop_mg_dl is not None for each in _of(arm, data)) for arm in _ROW}
    counts = wording.TRIAL_SUMMARY.format(n_massage=done["massage"], n_rest=done["rest"], n_planned=len(data.days))
    return f"{counts} {data.result or ''}".strip()
