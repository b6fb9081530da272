"""Whether recent insulin is known: the gate, the watch and the risk at the start give one answer."""

from __future__ import annotations

import pytest
from glucolog.core.gate import GateFacts, assess_gate
from glucolog.core.records import InsulinKind, Therapy
from glucolog.core.risk import LowRisk, low_risk
from glucolog.core.watch import Event, WatchFacts, event_of, replay
from tests.core.conftest import Make

DAY = 1440
RAPID, LONG, UNKNOWN = InsulinKind.RAPID, InsulinKind.LONG, InsulinKind.UNKNOWN


@pytest.mark.parametrize(
    ("therapy", "doses", "known"),
    [
        (Therapy.MDI, [(DAY - 1, RAPID)], True),
        (Therapy.MDI, [(DAY, RAPID)], True),
        (Therapy.MDI, [(DAY + 1, RAPID)], False),
        (Therapy.MDI, [(600, UNKNOWN)], True),
        (Therapy.MDI, [(600, LONG)], False),
        (Therapy.MDI, [(600, LONG), (700, RAPID)], True),
        (Therapy.PUMP, [], False),
        (Therapy.BASAL, [], True),
        (Therapy.BASAL, [(600, LONG)], True),
    ],
)
def test_gate_watch_and_risk_agree(
    make: Make, therapy: Therapy, doses: list[tuple[float, InsulinKind]], known: bool
) -> None:
    person = make.person(therapy)
    taken = tuple(make.dose(-ago, 4, kind) for ago, kind in doses)
    readings = make.cgm((minute, 80 - minute) for minute in range(-60, 1, 5))
    gate = assess_gate(GateFacts(person=person, at=make.at(0), readings=readings, doses=taken))
    assert ("iob_units" not in gate.unassessed) is known

    events: list[Event] = [event_of(dose, make.at(0)) for dose in taken]
    events += [event_of(reading, make.at(0)) for reading in readings]
    facts = WatchFacts(basal_only=therapy is Therapy.BASAL, from_min=0)
    (alarm,) = replay(events, facts)
    assert ("insulin not known" not in alarm.reason) is known

    risk = low_risk(events, 0, facts)[30]
    assert isinstance(risk, LowRisk)
    assert (not risk.assumed) is known


def test_the_sentence_says_what_is_missing(make: Make) -> None:
    gate = assess_gate(GateFacts(person=make.person(), at=make.at(0), doses=(make.dose(-60, 20, LONG),)))
    assert gate.iob_units is None
    assert gate.unassessed["iob_units"] == (
        "No meal or correction insulin is in the log for the last 24 h, so insulin on board is not known; "
        "it counts as if some were active."
    )
