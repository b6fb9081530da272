"""Which alarms still have something to say: a louder one outdoes what warned of it, never what came after it."""

from __future__ import annotations

import pytest
from glucolog.core.moments import Moment
from glucolog.core.watch import Alarm, AlarmKind
from glucolog.services.live import Told, is_outdone

NOON = Moment(1_774_785_600, "Europe/Berlin")


def told(kind: AlarmKind, minutes: float) -> Told:
    return Told(alarm=Alarm(kind=kind, at_min=minutes, reason="", at=None), at=NOON.plus(minutes=minutes))


@pytest.mark.parametrize(
    ("kind", "minutes", "louder", "louder_minutes", "outdone"),
    [
        (AlarmKind.LOW_SOON, 0, AlarmKind.LOW, 0, True),
        (AlarmKind.LOW_SOON, 0, AlarmKind.LOW, 5, True),
        (AlarmKind.LOW_SOON, 5, AlarmKind.LOW, 0, False),
        (AlarmKind.LOW, 0, AlarmKind.URGENT_LOW, 5, True),
        (AlarmKind.LOW, 0, AlarmKind.LOW_SOON, 5, False),
        (AlarmKind.NO_DATA, 0, AlarmKind.URGENT_LOW, 5, False),
    ],
)
def test_a_louder_alarm_with_it_or_after_it_outdoes_one(
    kind: AlarmKind, minutes: float, louder: AlarmKind, louder_minutes: float, outdone: bool
) -> None:
    one = told(kind, minutes)
    assert is_outdone(one, [one, told(louder, louder_minutes)]) is outdone
    assert not is_outdone(one, [one])
