"""The JSON documents of `effect` and `compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.services.documents import Document, plain
from glucolog.services.effect import Comparisons

if TYPE_CHECKING:
    from glucolog.analysis.effect import EffectResult, SessionMatch
    from glucolog.analysis.pooled import PooledResult


def effect(result: EffectResult, person: Person) -> Document:
    """The contract's keys, then every outcome, every session's match, and what limits the answer."""
    return {
        **_summary(result),
        "outcomes": [plain(outcome) for outcome in result.outcomes],
        "sessions": [_session(match, person) for match in result.windows],
    }


def everyone(pooled: PooledResult) -> Document:
    """The people together, then each person's contract keys beside the name under `people`, without sessions."""
    return {
        "n_people": pooled.n_people,
        "n_estimated": pooled.n_estimated,
        "n_sessions": pooled.n_sessions,
        "n_matched": pooled.n_matched,
        "estimate_mg_dl": plain(pooled.estimate_mg_dl),
        "ci_low": plain(pooled.ci_low),
        "ci_high": plain(pooled.ci_high),
        "spread_mg_dl": plain(pooled.spread_mg_dl),
        "grade": pooled.grade.value,
        "reason": pooled.reason,
        "people": [{"person": one.label, **_summary(one.effect)} for one in pooled.people],
    }


def _summary(result: EffectResult) -> Document:
    return {
        "outcome": result.outcome.value,
        "source": plain(result.source),
        "n_sessions": result.n_sessions,
        "n_matched": result.n_matched,
        "n_unmatched": result.n_unmatched,
        "n_controls": result.n_controls,
        "naive_mg_dl": plain(result.naive_mg_dl),
        "estimate_mg_dl": plain(result.estimate_mg_dl),
        "ci_low": plain(result.ci_low),
        "ci_high": plain(result.ci_high),
        "p_value": plain(result.p_value),
        "grade": result.grade.value,
        "reason": result.reason,
        "limitations": list(result.limitations),
    }


def _session(match: SessionMatch, person: Person) -> Document:
    return {
        "session": match.session_id,
        "start": Moment(match.start_s, person.zone).iso(),
        "start_mg_dl": plain(match.start_mg_dl),
        "observed": plain(match.observed),
        "expected": plain(match.expected),
        "difference": plain(match.difference),
        "n_controls": len(match.controls_at_s),
        "reason": match.reason,
    }


def comparisons(found: Comparisons) -> Document:
    """`{"exploratory","factors":[…],"symptoms":[…]}`: each with n, estimate, interval, adjusted p, or its reason."""
    return {
        "exploratory": True,
        "outcome": found.factors.outcome.value,
        "n_matched": found.factors.n_matched,
        "note": found.factors.note,
        "factors": [plain(factor) for factor in found.factors.factors],
        "symptoms": [plain(symptom) for symptom in found.symptoms.symptoms],
        "symptom_notes": list(found.symptoms.notes),
    }
