"""Glucose readings: list them."""

from __future__ import annotations

from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading
from glucolog.core.units import Source
from glucolog.services import entries
from glucolog.storage import Log


def listing(log: Log, person: Person, since: Moment, until: Moment, source: Source | None) -> list[Reading]:
    """Return the readings of a closed stretch, newest first; of one source, or of both."""
    found = entries.listing(log, person, Reading, since, until)
    return [reading for reading in found if source is None or reading.source is source]
