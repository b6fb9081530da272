"""A reading that comes late: judged up to its source's limit, and silent beyond it."""

from __future__ import annotations

import pytest
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.watch import GlucoseSeen, Watch, WatchFacts


@pytest.mark.parametrize(
    ("source", "age_min", "told"),
    [
        (Source.CGM, 14.9, True), (Source.CGM, 15.0, True), (Source.CGM, 15.1, False),
        (Source.METER, 29.9, True), (Source.METER, 30.0, True), (Source.METER, 30.1, False),
    ],
)  # fmt: skip
def test_a_late_reading(source: Source, age_min: float, told: bool) -> None:
    watch = Watch(WatchFacts(takes_insulin=False))
    watch.tick(age_min)
    alarms = watch.feed(GlucoseSeen(at_min=0, glucose=Glucose(50, Unit.MG_DL), source=source))
    assert [alarm.kind for alarm in alarms] == (["urgent_low"] if told else [])
