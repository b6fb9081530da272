"""A forest of differences to similar times without massage: overall and by technique, area and pressure."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, plain
from glucolog.plots.theme import Scale

TITLE = "Sessions beside similar times without"
_ROW_PX = 54
_NARROW_LABEL = 22
_REFUSAL_LETTERS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One estimate or its refusal. Positive: glucose fell more after sessions than at matched times.

    `group` is "overall", "technique", "area" or "pressure"; `n` counts matched sessions, `n_unmatched` those dropped;
    the estimate and its 95 % interval are in mg/dL, or all None with `reason` saying why; `n_controls` similar times
    without massage stand behind it; `naive_mg_dl` is the bare mean change, which says little.
    """

    label: str
    group: str
    n: int
    n_unmatched: int
    grade: str
    estimate_mg_dl: float | None = None
    ci_low_mg_dl: float | None = None
    ci_high_mg_dl: float | None = None
    reason: str | None = None
    n_controls: int | None = None
    naive_mg_dl: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectData:
    """What the forest shows: its rows from the top, and the outcome in words (`drop at 2 h`) and in minutes."""

    scale: Scale
    outcome: str
    minutes: int = 120
    rows: tuple[EffectRow, ...] = ()


def figure(data: EffectData) -> Figure:
    """Return a row an estimate with its interval; a refused row shows its n and its reason in words."""
    if not data.rows:
        return draw.empty(wording.NO_EFFECT)
    count = len(data.rows)
    return draw.figure(
        _estimates(data),
        x=draw.numeric_axis(f"{data.outcome}, {data.scale.unit}: ← higher · lower →", _span(data), fixedrange=True),
        y=_rows_axis(data, count),
        shapes=[draw.upright(0, theme.AXIS, "solid")],
        notes=_refusals(data),
        height=150 + _ROW_PX * count,
        more={"showlegend": False},
    )


def _given(data: EffectData) -> list[tuple[int, EffectRow]]:
    return [(at, row) for at, row in enumerate(data.rows) if row.estimate_mg_dl is not None]


def _span(data: EffectData) -> theme.Axis:
    bounds = [end for _, row in _given(data) for end in (row.ci_low_mg_dl, row.ci_high_mg_dl) if end is not None]
    ends = [data.scale.of_mg_dl(each) for each in bounds]
    return theme.round_axis(min([0.0, *ends]), max([data.scale.of_mg_dl(20), *ends]), 4)


def _rows_axis(data: EffectData, count: int) -> Piece:
    labels = [f"{plain(row.label[:_NARROW_LABEL])}<br>n={row.n}" for row in data.rows]
    return draw.axis(
        "", range=[count - 0.4, -0.6], tickmode="array", tickvals=list(range(count)), ticktext=labels, fixedrange=True,
        showgrid=False,
    )  # fmt: skip


def _estimates(data: EffectData) -> list[Piece]:
    given = _given(data)
    if not given:
        return []
    unit = data.scale.of_mg_dl
    middle = [unit(row.estimate_mg_dl or 0.0) for _, row in given]
    above = [unit((row.ci_high_mg_dl or 0.0) - (row.estimate_mg_dl or 0.0)) for _, row in given]
    below = [unit((row.estimate_mg_dl or 0.0) - (row.ci_low_mg_dl or 0.0)) for _, row in given]
    bars = {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 2.5, "width": 7,
            "color": theme.TRACE.light}  # fmt: skip
    symbols = ["diamond" if row.group == "overall" else "square" for _, row in given]
    return [
        draw.points(middle, [at for at, _ in given], "estimate", theme.TRACE, size=12, error_x=bars,
                    marker={"symbol": symbols}, text=[_told(row, data) for _, row in given])
    ]  # fmt: skip


def _refusals(data: EffectData) -> list[Piece]:
    left = _span(data).low
    return [
        draw.note(_refusal(row), left, at, xanchor="left", xshift=6, align="left")
        for at, row in enumerate(data.rows)
        if row.estimate_mg_dl is None
    ]


def _refusal(row: EffectRow) -> str:
    return draw.wrapped(f"no estimate: {plain(row.reason or wording.NOT_COMPUTED)}", _REFUSAL_LETTERS)


def row_words(row: EffectRow, scale: Scale) -> str:
    """Write one row: its estimate, interval and n, or why there is none."""
    if row.estimate_mg_dl is None or row.ci_low_mg_dl is None or row.ci_high_mg_dl is None:
        return wording.EFFECT_REFUSED.format(label=row.label, reason=row.reason or wording.NOT_COMPUTED)
    estimate, low, high = (
        words.signed_words(each, scale.unit) for each in (row.estimate_mg_dl, row.ci_low_mg_dl, row.ci_high_mg_dl)
    )
    return wording.EFFECT_ROW.format(label=row.label, estimate=estimate, unit=scale.unit, low=low, high=high, n=row.n)


def _told(row: EffectRow, data: EffectData) -> str:
    return f"{plain(row_words(row, data.scale))}<br>{wording.GRADE_WORDS.get(row.grade, row.grade)}"


def table(data: EffectData) -> Table:
    """Return a row an estimate: what, n matched, n left out, estimate, interval, grade or reason."""
    return Table(
        caption=f"{TITLE}: {data.outcome}",
        head=("what", "sessions matched", "left out", f"estimate, {data.scale.unit}", "95 % interval", "grade"),
        rows=tuple(_row(row, data.scale) for row in data.rows),
        note=wording.EFFECT_INTERVAL_SIGNS,
    )


def _row(row: EffectRow, scale: Scale) -> tuple[str, ...]:
    counts = (row.label, str(row.n), str(row.n_unmatched))
    if row.estimate_mg_dl is None or row.ci_low_mg_dl is None or row.ci_high_mg_dl is None:
        return (*counts, "–", "–", row.reason or wording.NOT_COMPUTED)
    interval = (
        f"{words.signed_words(row.ci_low_mg_dl, scale.unit)} to {words.signed_words(row.ci_high_mg_dl, scale.unit)}"
    )
    return (*counts, words.signed_words(row.estimate_mg_dl, scale.unit), interval, wording.GRADE_WORDS[row.grade])


def summary(data: EffectData) -> str:
    """Return how to read the forest, and the association sentence."""
    return f"{wording.EFFECT_SUMMARY} {wording.ASSOCIATION}" if data.rows else wording.NO_EFFECT
