"""The JSON documents of `check` and `due`."""

from __future__ import annotations

from glucolog.core.after import Recheck
from glucolog.core.findings import Unassessed
from glucolog.core.risk import LowRisk
from glucolog.services.after import Due, SessionPlan
from glucolog.services.documents import Document, finding, plain, reading
from glucolog.services.gate import Asked


def check(asked: Asked) -> Document:
    """`{"verdict","findings","glucose","iob_units","blocked_areas","recheck_at"}` and what they rest on."""
    result = asked.result
    return {
        "verdict": result.verdict.value,
        "summary": result.summary,
        "findings": [finding(item) for item in result.findings],
        "glucose": reading(result.glucose) if result.glucose else None,
        "age_min": plain(result.age_min),
        "low": plain(result.low),
        "rate_mg_dl_per_min": plain(result.trend.rate_mg_dl_per_min) if result.trend else None,
        "iob_units": plain(result.iob_units),
        "accelerated": plain(result.accelerated),
        "blocked_areas": [blocked.label for blocked in result.blocked_areas],
        "blocked": [
            {
                "area": str(blocked.place),
                "region": blocked.region,
                "rule": str(blocked.rule),
                "until": plain(blocked.until),
            }
            for blocked in result.blocked_areas
        ],
        "free_areas": [str(area) for area in result.free_areas],
        "recheck_at": result.recheck_at.iso() if result.recheck_at else None,
        "would_change": list(result.would_change),
        "low_risk": {str(horizon): _risk(risk) for horizon, risk in asked.low_risk.items()},
        "unassessed": result.unassessed,
    }


def _risk(risk: LowRisk | Unassessed) -> Document:
    if isinstance(risk, Unassessed):
        return {"probability": None, "reason": risk.reason}
    return {**plain(risk), "reason": None}


def due(found: Due) -> Document:
    """`{"due","low","sessions":[{"session","checks","next","low"}]}`: the low that stands, and the re-checks."""
    return {
        "due": found.is_due,
        "low": plain(found.low),
        "running": found.running.id if found.running else None,
        "sessions": [_plan(item) for item in found.plans],
    }


def _plan(item: SessionPlan) -> Document:
    return {
        "session": item.session.id,
        "end": plain(item.session.end),
        "checks": [_recheck(check) for check in item.plan.checks],
        "next": _recheck(item.plan.next) if item.plan.next else None,
        "low": plain(item.plan.low),
        "missed": len(item.plan.missed),
    }


def _recheck(check: Recheck) -> Document:
    return {
        "name": check.name,
        "at": check.at.iso(),
        "opens": check.opens.iso(),
        "closes": check.closes.iso(),
        "status": check.status.value,
        "message": check.message,
        "reading": reading(check.reading) if check.reading else None,
    }
