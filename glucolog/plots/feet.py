"""A map of both feet by region, with what was found where, and the findings over time below it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from glucolog.core.records import FootCheck, FootFinding
from glucolog.core.vocabulary import BLOCKING_FOOT_FINDINGS, FOOT_FINDINGS, FOOT_REGIONS, Side
from glucolog.core.wording import report as wording
from glucolog.plots import draw, lines, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, joined, plain

TITLE = "Feet"
_SOLE = {
    "nails": (0.24, 9.3), "toes": (0.45, 8.9), "between-toes": (0.53, 8.1), "ball": (0.50, 6.6), "top": (0.72, 5.0),
    "arch": (0.46, 4.2), "heel": (0.48, 1.2), "ankle": (0.76, 2.6),
}  # fmt: skip
"""Where a region stands on a right sole, 0 the inner edge and 1 the outer; 0 the heel and 10 the toes."""
_OUTLINE = (
    "M {a} 0.1 C {b} 0.1 {c} 1.6 {d} 3.6 C {d} 4.8 {e} 5.6 {e} 6.5 C {e} 7.3 {f} 7.7 {g} 7.8 C {h} 7.9 {i} 7.5 {i} 6.6 "
    "C {i} 5.6 {j} 5.0 {j} 3.9 C {j} 2.4 {k} 0.1 {a} 0.1 Z"
)
_ACROSS = dict(zip("abcdefghijk", (0.48, 0.74, 0.74, 0.80, 0.93, 0.80, 0.50, 0.18, 0.10, 0.34, 0.20), strict=True))
"""The sole's outline as a path of a right foot, its places across by letter."""
_LEFT_X, _RIGHT_X, _WIDTH = 0.0, 1.3, 1.0
_WIDER = 4.2
_TOES = ((0.24, 8.75, 0.13, 0.85), (0.45, 9.05, 0.085, 0.62), (0.61, 8.85, 0.075, 0.55), (0.75, 8.45, 0.07, 0.5),
         (0.87, 7.9, 0.065, 0.48))  # fmt: skip
"""Of each toe of a right foot from the big one: middle across and up, half width and half height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeetData:
    """What the map shows: foot checks in time order, on the wall clock of `zone`."""

    zone: str
    checks: tuple[FootCheck, ...] = ()


def _findings(data: FeetData) -> list[tuple[FootCheck, FootFinding]]:
    return [(check, finding) for check in data.checks for finding in check.findings]


def figure(data: FeetData) -> Figure:
    """Return both soles seen from below, a mark a region sized by its count, and a row a region over time."""
    if not data.checks:
        return draw.empty(wording.NO_FEET)
    return draw.figure(
        [*_marks(data), *_over_time(data)],
        x={
            "range": [-0.15, 2.45],
            "visible": False,
            "fixedrange": True,
            "anchor": "y",
            "constrain": "domain",
            "scaleanchor": "y",
            "scaleratio": _WIDER,
        },
        y={"range": [-0.6, 11], "visible": False, "fixedrange": True, "domain": [0.42, 1]},
        shapes=[shape for side in (Side.LEFT, Side.RIGHT) for shape in (_sole(side), *_toes(side))],
        notes=[draw.note("left foot", _LEFT_X + 0.5, 10.6), draw.note("right foot", _RIGHT_X + 0.5, 10.6)],
        height=700,
        more={"xaxis2": draw.date_axis(anchor="y2", fixedrange=True), "yaxis2": _region_axis(data)},
    )


def _x(side: Side, across: float) -> float:
    return _LEFT_X + _WIDTH - across if side is Side.LEFT else _RIGHT_X + across


def _sole(side: Side) -> Piece:
    across = {key: f"{_x(side, each):.3f}" for key, each in _ACROSS.items()}
    return {"type": "path", "path": _OUTLINE.format(**across), "layer": "below", "fillcolor": theme.BAND_ERROR.light,
            "line": {"color": theme.AXIS.light, "width": 1.5}}  # fmt: skip


def _toes(side: Side) -> list[Piece]:
    return [
        {"type": "circle", "x0": _x(side, across - wide), "x1": _x(side, across + wide), "y0": up - high,
         "y1": up + high, "layer": "below", "fillcolor": theme.BAND_ERROR.light,
         "line": {"color": theme.AXIS.light, "width": 1.5}}
        for across, up, wide, high in _TOES
    ]  # fmt: skip


def _sides(finding: FootFinding) -> tuple[Side, ...]:
    return (finding.side,) if finding.side in {Side.LEFT, Side.RIGHT} else (Side.LEFT, Side.RIGHT)


def _blocks(finding: FootFinding) -> bool:
    return finding.finding in BLOCKING_FOOT_FINDINGS


def _marks(data: FeetData) -> list[Piece]:
    pieces = []
    for blocking, name, ink, symbol in (
        (True, "wound, blister, ulcer or hot swelling", theme.LOW, "x"),
        (False, "other findings", theme.TRACE, "circle"),
    ):
        found = [each for _, each in _findings(data) if _blocks(each) is blocking]
        counts = Counter((side, each.region) for each in found for side in _sides(each))
        if counts:
            pieces.append(_region_marks(counts, found, name, (ink.light, symbol)))
    return pieces


def _region_marks(
    counts: Counter[tuple[Side, str]], found: list[FootFinding], name: str, look: tuple[str, str]
) -> Piece:
    places = [(side, region, _SOLE[region]) for side, region in counts]
    told = [_region_words(side, region, found) for side, region, _ in places]
    return draw.points(
        [_x(side, across) for side, _, (across, _) in places], [up for _, _, (_, up) in places], name, theme.LOW,
        text=told, marker={"color": look[0], "symbol": look[1], "size": [14 + 3 * min(n, 6) for n in counts.values()]},
    )  # fmt: skip


def _region_words(side: Side, region: str, found: list[FootFinding]) -> str:
    counts = Counter(each.finding for each in found if each.region == region and side in _sides(each))
    listed = joined(f"{FOOT_FINDINGS.get(what, plain(what))} ({n}×)" for what, n in counts.items())
    return f"{side} foot, {FOOT_REGIONS.get(region, plain(region))}<br>{listed}"


def _regions(data: FeetData) -> list[str]:
    return list(dict.fromkeys(_row_name(finding) for _, finding in _findings(data)))


def _row_name(finding: FootFinding) -> str:
    return f"{finding.side} {finding.region}"


def _over_time(data: FeetData) -> list[Piece]:
    found, rows = _findings(data), _regions(data)
    checks = draw.points(
        [lines.clock_ms_of(check.at, data.zone) for check in data.checks], [len(rows)] * len(data.checks), "foot check",
        theme.CONTROL, "line-ns-open", 9, text=[f"foot check<br>{words.when(check.at)}" for check in data.checks],
        xaxis="x2", yaxis="y2",
    )  # fmt: skip
    if not found:
        return [checks]
    told = [f"{_finding_words(finding)}<br>{words.when(check.at)}<br>{_told_words(check)}" for check, finding in found]
    marker = {
        "symbol": ["x" if _blocks(finding) else "circle" for _, finding in found],
        "color": [(theme.LOW if _blocks(finding) else theme.TRACE).light for _, finding in found],
    }
    x = [lines.clock_ms_of(check.at, data.zone) for check, _ in found]
    y = [rows.index(_row_name(finding)) for _, finding in found]
    return [checks, draw.points(x, y, "finding", theme.LOW, size=10, text=told, marker=marker, showlegend=False,
                                xaxis="x2", yaxis="y2")]  # fmt: skip


def _region_axis(data: FeetData) -> Piece:
    rows = [*_regions(data), "checks"]
    return draw.axis(
        "", tickmode="array", tickvals=list(range(len(rows))), ticktext=[plain(each) for each in rows],
        range=[-0.6, len(rows) - 0.4], domain=[0, 0.36], anchor="x2", fixedrange=True,
    )  # fmt: skip


def _finding_words(finding: FootFinding) -> str:
    what = FOOT_FINDINGS.get(finding.finding, plain(finding.finding))
    return f"{finding.side} foot, {FOOT_REGIONS.get(finding.region, plain(finding.region))}: {what}"


def _told_words(check: FootCheck) -> str:
    return f"team told {words.day_words(check.told_team_on)}" if check.told_team_on else "not yet told to the team"


def table(data: FeetData) -> Table:
    """Return a row a finding, and one for each check without findings."""
    return Table(
        caption=TITLE,
        head=("when", "side", "region", "finding", "team told", "note"),
        rows=tuple(row for check in data.checks for row in _rows(check)),
    )


def _rows(check: FootCheck) -> list[tuple[str, ...]]:
    at = words.when(check.at)
    if not check.findings:
        return [(at, joined(check.sides), "–", "nothing found", "–", check.note or "–")]
    told = words.day_words(check.told_team_on) if check.told_team_on else "no"
    return [
        (at, str(each.side), each.region, FOOT_FINDINGS.get(each.finding, each.finding), told, each.note or "–")
        for each in check.findings
    ]


def summary(data: FeetData) -> str:
    """Return how many checks, findings and open ones."""
    found = _findings(data)
    if not data.checks:
        return wording.NO_FEET
    if not found:
        return wording.FEET_NO_FINDINGS.format(n_checks=len(data.checks))
    n_open = sum(check.told_team_on is None for check, _ in found)
    return wording.FEET_SUMMARY.format(n_checks=len(data.checks), n_findings=len(found), n_open=n_open)
