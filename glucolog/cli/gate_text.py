"""Before and after a session, for a person: the verdict first, then why; which re-checks are due."""

from __future__ import annotations

from glucolog.cli.render import findings
from glucolog.core.after import Status
from glucolog.core.findings import Level
from glucolog.core.moments import format_moment
from glucolog.core.risk import LowRisk, risk_lines
from glucolog.core.units import format_both
from glucolog.core.wording import after as after_words
from glucolog.core.wording import gate as words
from glucolog.services.after import LOOK_BACK_MIN, Due, SessionPlan
from glucolog.services.gate import Asked

MARKS = {Status.DONE: "done    ", Status.DUE: "DUE NOW ", Status.MISSED: "missed  ", Status.UPCOMING: "to come "}


def check(asked: Asked) -> str:
    """Write the answer of `check`: what to do about a low comes before everything else."""
    result = asked.result
    urgent = [finding for finding in result.findings if finding.level is Level.URGENT]
    lines = [result.summary, "", *findings(urgent)]
    lines += [f"      {line}" for line in (*result.low.treated, result.low.emergency)] if result.low else []
    if result.glucose is not None:
        lines.append(f"  Glucose  {format_both(result.glucose.glucose)}, {result.age_min or 0:.0f} min old")
    if result.iob_units is not None and result.on_board is not None:
        models = ", ".join(result.on_board.models)
        lines.append(f"  Insulin  about {result.iob_units:.1f} U on board (estimate{f', {models}' if models else ''})")
    lines += findings([finding for finding in result.findings if finding not in urgent])
    head, *rows = risk_lines([risk for risk in asked.low_risk.values() if isinstance(risk, LowRisk)]) or ("",)
    lines += [f"  {head}", *(f"      {row}" for row in rows)] if rows else []
    if result.blocked_areas:
        lines.append(f"  blocked: {', '.join(blocked.label for blocked in result.blocked_areas)}")
    lines += [f"  would change this: {sentence}" for sentence in result.would_change]
    if result.recheck_at is not None:
        lines.append(f"  Ask again: {format_moment(result.recheck_at)}")
    return "\n".join([*lines, "", words.PROVENANCE])


def due(found: Due) -> str:
    """Write the answer of `due`."""
    lines = []
    if found.low is not None:
        lines += [f"!!! {found.low.message}", *(f"    {step}" for step in found.low.steps)]
    if found.running is not None:
        lines.append(after_words.RUNNING.format(clock=f"{found.running.start.local:%H:%M}"))
    if not found.plans:
        lines.append(after_words.NO_PLANS.format(hours=LOOK_BACK_MIN // 60))
    return "\n".join([*lines, *(line for item in found.plans for line in _plan(item))])


def _plan(item: SessionPlan) -> list[str]:
    ended = format_moment(item.session.end) if item.session.end else ""
    lines = [f"Session that ended {ended}"]
    for check in item.plan.checks:
        shown = f": {format_both(check.reading.glucose)}" if check.reading else ""
        lines.append(f"  {MARKS[check.status]} {check.at.local:%H:%M}  {check.message.rstrip('.')}{shown}")
    return lines
