"""The gate's answer for a person: the verdict first, then why, then what would change it."""

from __future__ import annotations

from glucolog.cli.render import findings
from glucolog.core.gate import GateResult
from glucolog.core.moments import format_moment
from glucolog.core.units import format_both
from glucolog.core.wording import gate as words


def check(result: GateResult) -> str:
    """Write the answer of `check`."""
    lines = [result.summary, ""]
    if result.glucose is not None:
        lines.append(f"  Glucose  {format_both(result.glucose.glucose)}, {result.age_min or 0:.0f} min old")
    if result.iob_units is not None and result.on_board is not None:
        models = ", ".join(result.on_board.models)
        lines.append(f"  Insulin  about {result.iob_units:.1f} U on board (estimate{f', {models}' if models else ''})")
    lines += findings(result.findings)
    if result.blocked_areas:
        lines.append(f"  blocked: {', '.join(blocked.label for blocked in result.blocked_areas)}")
    if result.blocked_areas and result.free_areas:
        lines.append(f"  free: {', '.join(str(area) for area in result.free_areas)}")
    lines += [f"  {sentence}" for sentence in result.would_change]
    if result.recheck_at is not None:
        lines.append(f"  Ask again: {format_moment(result.recheck_at)}")
    return "\n".join([*lines, "", words.PROVENANCE])
