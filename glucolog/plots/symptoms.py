"""Symptom scores over time, one row a symptom, with what is new or worse and not yet told."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.records import Phase, Symptom
from glucolog.core.wording import report as wording
from glucolog.plots import draw, lines, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, joined, plain

TITLE = "Symptoms"
_PANEL_PX = 170
_TOP = 10
_SYMBOLS = {Phase.BEFORE: "circle-open", Phase.DURING: "diamond-open", Phase.AFTER: "circle", Phase.FOLLOWUP: "diamond"}
_PHASES = {Phase.BEFORE: "before a session", Phase.DURING: "during a session", Phase.AFTER: "after a session",
           Phase.FOLLOWUP: "hours after a session"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomsData:
    """What the figure shows: scores 0–10 in time order, on the wall clock of `zone`."""

    zone: str
    scores: tuple[Symptom, ...] = ()


def is_open(score: Symptom) -> bool:
    """Whether a score is new or worse and the team has not been told."""
    return score.new_or_worse and score.told_team_on is None


def figure(data: SymptomsData) -> Figure:
    """Return a panel a symptom; hollow before a session, filled after, ringed when new or worse and not yet told."""
    names = _names(data)
    if not names:
        return draw.empty(wording.NO_SYMPTOMS)
    axes = {f"yaxis{_suffix(place)}": _score_axis(name, place, len(names)) for place, name in enumerate(names)}
    pieces = [piece for place, name in enumerate(names) for piece in _panel(name, place, data)]
    return draw.figure(
        [*pieces, *_open_rings(names, data)],
        x=draw.date_axis(anchor=f"y{_suffix(len(names) - 1)}", fixedrange=True),
        y=axes.pop("yaxis"),
        height=110 + _PANEL_PX * len(names),
        more=axes,
    )


def _names(data: SymptomsData) -> list[str]:
    return list(dict.fromkeys(score.symptom for score in data.scores))


def _suffix(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _score_axis(name: str, place: int, count: int) -> Piece:
    top = 1 - place / count
    spec = theme.Axis(low=-0.8, high=_TOP + 0.8, ticks=(0, 5, 10))
    return draw.numeric_axis(plain(name), spec, domain=[top - 1 / count + 0.06, top], fixedrange=True)


def _panel(name: str, place: int, data: SymptomsData) -> list[Piece]:
    phases = [*_SYMBOLS, None]
    return [piece for phase in phases for piece in _scores(name, phase, place, data)]


def _scores(name: str, phase: Phase | None, place: int, data: SymptomsData) -> list[Piece]:
    scores = [each for each in data.scores if each.symptom == name and each.phase is phase]
    if not scores:
        return []
    ink = theme.MASSAGE if phase else theme.TRACE
    group = _PHASES[phase] if phase else "at other times"
    shown = all(each.symptom == name for each in data.scores if each.phase is phase) or name == _first_with(phase, data)
    return [
        draw.points(
            [lines.clock_ms_of(each.at, data.zone) for each in scores], [each.score for each in scores], group, ink,
            _SYMBOLS[phase] if phase else "square", 9, text=[_told(each) for each in scores],
            yaxis=f"y{_suffix(place)}", legendgroup=group, showlegend=shown,
        )
    ]  # fmt: skip


def _first_with(phase: Phase | None, data: SymptomsData) -> str:
    return next(each.symptom for each in data.scores if each.phase is phase)


def _open_rings(names: list[str], data: SymptomsData) -> list[Piece]:
    rings: list[Piece] = []
    for place, name in enumerate(names):
        scores = [each for each in data.scores if each.symptom == name and is_open(each)]
        if scores:
            rings.append(
                draw.points(
                    [lines.clock_ms_of(each.at, data.zone) for each in scores], [each.score for each in scores],
                    "not yet told", theme.LOW, "square-open", 18, yaxis=f"y{_suffix(place)}", hoverinfo="skip",
                    legendgroup="open", showlegend=not rings, marker={"line": {"width": 2}},
                )
            )  # fmt: skip
    return rings


def _told(score: Symptom) -> str:
    where = f", {score.place.words}" if score.place else ""
    mark = "<br>new or worse, not yet told" if is_open(score) else ""
    return f"{plain(score.symptom)} {score.score} of 10{where}<br>{words.when(score.at)}{mark}"


def table(data: SymptomsData) -> Table:
    """Return a row a score."""
    return Table(
        caption=TITLE,
        head=("when", "symptom", "score", "where", "around a session", "team told", "note"),
        rows=tuple(_row(each) for each in data.scores),
    )


def _row(score: Symptom) -> tuple[str, ...]:
    told = words.day_words(score.told_team_on) if score.told_team_on else "no" if score.new_or_worse else "–"
    place = score.place.words if score.place else "–"
    around = _PHASES[score.phase] if score.phase else "–"
    return words.when(score.at), score.symptom, f"{score.score} of 10", place, around, told, score.note or "–"


def summary(data: SymptomsData) -> str:
    """Return how many scores of which symptoms, and how many are open."""
    if not data.scores:
        return wording.NO_SYMPTOMS
    return wording.SYMPTOMS_SUMMARY.format(
        n=len(data.scores), names=joined(_names(data)), n_open=sum(is_open(each) for each in data.scores)
    )
