"""The session rules about the person: a severe low, open symptoms, heat with active insulin, an area not said."""

from __future__ import annotations

from collections.abc import Iterator

from glucolog.core import evidence
from glucolog.core.findings import Level
from glucolog.core.records import Dose, InsulinKind
from glucolog.core.rules import body
from glucolog.core.rules.body_rules import body_rules
from glucolog.core.rules.facts import SessionCase
from glucolog.core.rules.glucose_rules import glucose_rules
from glucolog.core.rules.rule import Hit, Rule, association, limit
from glucolog.core.wording import session as words

SAUNA = "sauna"


def session_rules() -> tuple[Rule[SessionCase], ...]:
    """Return every rule that speaks about a session, in the order their findings are shown at equal level."""
    return (
        Rule(
            id="severe-low",
            level=Level.URGENT,
            sentence=words.SENTENCES["severe-low"],
            threshold=limit(evidence.SEVERE_LOW_H),
            citation="agiostratidou-2017",
            hits=_severe_low,
        ),
        *glucose_rules(),
        *body_rules(words.SENTENCES, lambda case: case.body, Level.INFO),
        Rule(
            id="sauna-with-insulin",
            level=Level.CAUTION,
            sentence=words.SENTENCES["sauna-with-insulin"],
            threshold=limit(evidence.BOLUS_SITE_H),
            citation="koivisto-1980",
            hits=_sauna,
            insulin_only=True,
        ),
        Rule(
            id="area-unknown",
            level=Level.INFO,
            sentence=words.SENTENCES["area-unknown"],
            threshold=limit(evidence.BOLUS_SITE_H),
            citation="linde-1986",
            hits=_area_unknown,
            insulin_only=True,
        ),
        Rule(
            id="symptom-open",
            level=Level.CAUTION,
            sentence=words.SENTENCES["symptom-open"],
            threshold={"symptom": "new or worse, not yet told to the team"},
            citation="ada-feet",
            hits=_open_symptoms,
        ),
    )


def _severe_low(case: SessionCase) -> Iterator[Hit]:
    severe, session = case.facts.person.severe_low_at, case.facts.session
    if severe is None:
        return
    after = severe.minutes_since(session.start)
    if 0 <= after <= evidence.SEVERE_LOW_H.value * 60:
        during = session.end is not None and severe <= session.end
        yield Hit(
            inputs={"minutes_after_start": after},
            words={
                "when": "during" if during else f"{after / 60:.1f} h after the start of",
                "association": association(case.facts.person),
            },
        )


def _sauna(case: SessionCase) -> Iterator[Hit]:
    facts = case.facts
    planned = SAUNA in facts.session.tools
    if (planned or _sauna_noted(case)) and any(_active(case, dose) for dose in facts.doses):
        yield Hit(inputs={"sauna": True}, words={"hours": f"{evidence.BOLUS_SITE_H.value:g}"})


def _sauna_noted(case: SessionCase) -> bool:
    start, end = case.body.start, case.body.end
    return any(activity.kind == SAUNA and start <= activity.at <= end for activity in case.facts.activities)


def _active(case: SessionCase, dose: Dose) -> bool:
    recent = case.body.start.minutes_since(dose.at) <= evidence.BOLUS_SITE_H.value * 60
    return dose.kind is not InsulinKind.LONG and dose.at <= case.body.end and recent


def _area_unknown(case: SessionCase) -> Iterator[Hit]:
    if not case.body.areas and body.sites_in_use(case.body):
        yield Hit(inputs={"areas": []})


def _open_symptoms(case: SessionCase) -> Iterator[Hit]:
    for symptom in sorted(case.facts.symptoms, key=lambda s: (s.at.epoch_s, s.id)):
        if symptom.is_untold:
            yield Hit(
                inputs={"symptom": symptom.symptom, "score": symptom.score},
                words={"symptom": symptom.symptom, "score": symptom.score},
            )
