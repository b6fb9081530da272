"""A forest of differences to similar times without massage: overall and by technique, area and pressure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glucolog.analysis.effect import EffectResult
from glucolog.analysis.factors import Factor, FactorsResult
from glucolog.core.wording import effect as effect_wording
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, plain
from glucolog.plots.theme import Scale

TITLE = "Sessions beside similar times without"
_ROW_PX = 54
_NARROW_LABEL, _NARROW_TITLE = 24, 20
_REFUSAL_LETTERS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One estimate or its refusal. Positive: glucose fell more after the sessions than at what they are held against.

    `group` is "overall" (held against similar times without massage) or a factor such as "technique" (against the
    person's other sessions, exploratory); `n` counts matched sessions, `n_others` those without the factor,
    `n_unmatched` those left out; the estimate and its 95 % interval are in mg/dL, or all None with `reason` saying why.
    """

    label: str
    group: str
    n: int
    n_unmatched: int
    grade: str
    n_others: int | None = None
    estimate_mg_dl: float | None = None
    ci_low_mg_dl: float | None = None
    ci_high_mg_dl: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectData:
    """What the forest shows: its rows from the top, and the outcome in words (`change 2 h after the start`)."""

    scale: Scale
    outcome: str
    rows: tuple[EffectRow, ...] = ()


def from_results(result: EffectResult, factors: FactorsResult | None, scale: Scale) -> EffectData:
    """Return the rows of a computed effect, and of the exploratory comparisons if there are any."""
    overall = EffectRow(
        label=wording.ALL_SESSIONS, group="overall", n=result.n_matched, n_unmatched=result.n_unmatched,
        grade=result.grade.value, estimate_mg_dl=result.estimate_mg_dl, ci_low_mg_dl=result.ci_low,
        ci_high_mg_dl=result.ci_high, reason=result.reason if result.estimate_mg_dl is None else None,
    )  # fmt: skip
    compared = () if factors is None else tuple(_factor_row(factor) for factor in factors.factors)
    return EffectData(scale=scale, outcome=effect_wording.OUTCOMES[result.outcome.value], rows=(overall, *compared))


def _factor_row(factor: Factor) -> EffectRow:
    return EffectRow(
        label=factor.label, group=factor.factor, n=factor.n_with, n_others=factor.n_without,
        n_unmatched=factor.n_unknown, grade="none" if factor.estimate_mg_dl is None else "exploratory",
        estimate_mg_dl=factor.estimate_mg_dl, ci_low_mg_dl=factor.ci_low, ci_high_mg_dl=factor.ci_high,
        reason=factor.reason,
    )  # fmt: skip


def figure(data: EffectData) -> Figure:
    """Return a row an estimate with its interval; a refused row shows its n, and its reason under the pointer.

    What no session says anything about stands in the table alone.
    """
    if not data.rows:
        return draw.empty(wording.NO_EFFECT)
    data = replace(data, rows=tuple(row for row in data.rows if row.group == "overall" or row.n or row.n_others))
    count = len(data.rows)
    return draw.figure(
        _estimates(data),
        x=draw.numeric_axis(_axis_title(data), _span(data), fixedrange=True),
        y=_rows_axis(data, count),
        shapes=[draw.upright(0, theme.AXIS, "solid")],
        notes=_refusals(data),
        height=180 + _ROW_PX * count,
        more={"showlegend": False},
    )


def _axis_title(data: EffectData) -> str:
    return f"{draw.wrapped(data.outcome, _NARROW_TITLE)}<br>{data.scale.unit}<br>← higher · lower →"


def _given(data: EffectData) -> list[tuple[int, EffectRow]]:
    return [(at, row) for at, row in enumerate(data.rows) if row.estimate_mg_dl is not None]


def _span(data: EffectData) -> theme.Axis:
    bounds = [end for _, row in _given(data) for end in (row.ci_low_mg_dl, row.ci_high_mg_dl) if end is not None]
    ends = [data.scale.of_mg_dl(each) for each in bounds]
    return theme.round_axis(min([0.0, *ends]), max([data.scale.of_mg_dl(20), *ends]), 4)


def _rows_axis(data: EffectData, count: int) -> Piece:
    labels = [f"{draw.wrapped(plain(row.label), _NARROW_LABEL)}<br>{count_words(row)}" for row in data.rows]
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
        draw.note(
            wording.GRADE_WORDS["none"], left, at, xanchor="left", xshift=6, align="left", hovertext=_refusal(row)
        )
        for at, row in enumerate(data.rows)
        if row.estimate_mg_dl is None
    ]


def count_words(row: EffectRow) -> str:
    """Write how many sessions, and how many others they are held against: `n=12`, `n=12 and 9`."""
    return f"n={row.n:,}" if row.n_others is None else f"n={row.n:,} and {row.n_others:,}"


def _refusal(row: EffectRow) -> str:
    return draw.wrapped(f"{wording.GRADE_WORDS['none']}: {plain(row.reason or wording.NOT_COMPUTED)}", _REFUSAL_LETTERS)


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
    counts = (row.label, count_words(row).removeprefix("n="), str(row.n_unmatched))
    if row.estimate_mg_dl is None or row.ci_low_mg_dl is None or row.ci_high_mg_dl is None:
        return (*counts, "–", "–", row.reason or wording.NOT_COMPUTED)
    interval = (
        f"{words.signed_words(row.ci_low_mg_dl, scale.unit)} to {words.signed_words(row.ci_high_mg_dl, scale.unit)}"
    )
    return (*counts, words.signed_words(row.estimate_mg_dl, scale.unit), interval, wording.GRADE_WORDS[row.grade])


def summary(data: EffectData) -> str:
    """Return how to read the forest, and the association sentence."""
    if not data.rows:
        return wording.NO_EFFECT
    exploratory = f" {wording.EFFECT_EXPLORATORY}" if len(data.rows) > 1 else ""
    return f"{wording.EFFECT_SUMMARY}{exploratory} {wording.ASSOCIATION}"
