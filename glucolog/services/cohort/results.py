"""A run as files and documents: the per-person table as CSV or Parquet, the group as a page and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from glucolog.analysis.cohort import Row
from glucolog.analysis.small_cells import Distribution
from glucolog.core.units import round_half_up
from glucolog.core.wording import cohort as words
from glucolog.services.cohort.problems import UnknownEndingError
from glucolog.services.cohort.running import CohortRun
from glucolog.services.cohort.summary import Summary
from glucolog.services.files import write_private

TITLES = {"stats": "Glucose of a cohort", "effect": "Sessions of a cohort", "lows": "Lows after sessions of a cohort"}


def write(run: CohortRun, summary: Summary, file: str) -> Path:
    """Write a run as its file's ending says. Raises `UnknownEndingError` for another."""
    writers: dict[str, Callable[[], bytes]] = {
        ".csv": lambda: _csv(run.rows),
        ".parquet": lambda: _parquet(run.rows),
        ".html": lambda: page(summary).encode(),
    }
    return write_private(file, writers[ending(file)]())


def ending(file: str) -> str:
    """Return the ending of a results file. Raises `UnknownEndingError` for an unknown one."""
    found = Path(file).suffix.lower()
    if found not in {".csv", ".parquet", ".html"}:
        raise UnknownEndingError(file)
    return found


def document(summary: Summary) -> dict[str, Any]:
    """Return the group as one JSON document; what is withheld is null."""
    pooled = summary.pooled
    return {
        "question": summary.question.value,
        "people": summary.people,
        "measures": [_measure(one) for one in summary.measures],
        "funnel": [{**asdict(step), "label": words.FUNNEL[step.name]} for step in summary.funnel],
        "pooled": None
        if pooled is None
        else {
            name: _rounded(getattr(pooled, name))
            for name in (
                "n_people", "n_estimated", "n_sessions", "n_matched", "estimate_mg_dl", "ci_low", "ci_high",
                "spread_mg_dl", "reason",
            )
        }
        | {"grade": pooled.grade.value},
        "failed": [asdict(one) for one in summary.failed],
        "notes": list(summary.notes),
    }  # fmt: skip


def _measure(data: Distribution) -> dict[str, Any]:
    quartiles = data.quartiles and [_rounded(value) for value in data.quartiles]
    return {**asdict(data), "quartiles": quartiles, "mean": _rounded(data.mean), "label": words.MEASURES[data.name]}


def _rounded(value: Any) -> Any:
    """Return a number about the group as it is shown: with all its digits, two runs would give one person away."""
    return float(round_half_up(value, 1)) if isinstance(value, float) else value


def lines(summary: Summary) -> list[str]:
    """Return the group in sentences, for a terminal and for the head of the page."""
    from glucolog.plots.distribution import summary as quartiles

    said = [f"{words.FUNNEL[step.name]}: {_people(step.people)}" for step in summary.funnel]
    said += [quartiles(one, summary.people or 0) for one in summary.measures]
    return [*said, *_pooled(summary), *_failures(summary)]


def page(summary: Summary) -> str:
    """Return one self-contained page about the group; it holds no row about a person."""
    from glucolog.plots import page as html
    from glucolog.plots.distribution import panel
    from glucolog.plots.distribution import summary as quartiles
    from glucolog.plots.table import Table

    title = TITLES[summary.question.value]
    panels = [panel(one, summary.people or 0) for one in summary.measures if one.people is not None]
    uncounted = [quartiles(one, summary.people or 0) for one in summary.measures if one.people is None]
    rows = tuple((words.FUNNEL[step.name], _people(step.people)) for step in summary.funnel)
    body = [
        f"<h1>{html.text(title)}</h1>",
        html.table_html(Table(caption="Who needs a look", head=("", "people"), rows=rows)) if rows else "",
        html.listing([*_pooled(summary), *uncounted, *_failures(summary)]),
        *(html.panel_html(one) for one in panels),
        f"<footer>{''.join(html.paragraph(note) for note in summary.notes)}</footer>",
    ]
    return html.document(title, "".join(body), {one.id: one.figure for one in panels})


def _pooled(summary: Summary) -> list[str]:
    pooled = summary.pooled
    if pooled is None or pooled.estimate_mg_dl is None or pooled.ci_low is None or pooled.ci_high is None:
        return [pooled.reason] if pooled else []
    size, low, high = (round_half_up(value, 1) for value in (pooled.estimate_mg_dl, pooled.ci_low, pooled.ci_high))
    return [words.EFFECT.format(people=pooled.n_estimated, size=size, low=low, high=high), pooled.reason]


def _failures(summary: Summary) -> list[str]:
    if not summary.failed:
        return []
    failed = [words.FAILED.format(name=one.shard, reason=one.reason) for one in summary.failed]
    return [*failed, words.FAILED_REMEDY]


def _people(people: int | None) -> str:
    return words.WITHHELD if people is None else f"{people:,}"


def _columns(rows: tuple[Row, ...]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _csv(rows: tuple[Row, ...]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _columns(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: tuple[Row, ...]) -> bytes:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    names = _columns(rows)
    table = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content
