"""Streaming alarms: raw readings in, alarms out. `Watch` is the state machine, `replay` runs it over what happened.

Thresholds compare in the unit that was typed; what is expected is an estimate in mg/dL. Only what came before counts.
"""

from glucolog.core.watch.events import (
    Alarm,
    AlarmKind,
    CarbsEaten,
    DoseTaken,
    Event,
    GlucoseSeen,
    WatchFacts,
    event_of,
)
from glucolog.core.watch.replay import Problem, ReplayFile, parse_replay, replay
from glucolog.core.watch.state import Watch

__all__ = [
    "Alarm",
    "AlarmKind",
    "CarbsEaten",
    "DoseTaken",
    "Event",
    "GlucoseSeen",
    "Problem",
    "ReplayFile",
    "Watch",
    "WatchFacts",
    "event_of",
    "parse_replay",
    "replay",
]
