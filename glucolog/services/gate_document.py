"""The JSON document of `check`."""

from __future__ import annotations

from glucolog.core.gate import GateResult
from glucolog.services.documents import Document, finding, plain, reading


def check(result: GateResult) -> Document:
    """`{"verdict","findings","glucose","iob_units","blocked_areas","recheck_at"}` and what they rest on."""
    return {
        "verdict": result.verdict.value,
        "summary": result.summary,
        "findings": [finding(item) for item in result.findings],
        "glucose": reading(result.glucose) if result.glucose else None,
        "age_min": plain(result.age_min),
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
        "unassessed": result.unassessed,
    }
