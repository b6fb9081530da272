"""Beginning a log from glucolog's own export: an equal log, people and all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.errors import GlucologError
from glucolog.importers.base import Options
from glucolog.importers.registry import read_source, sniff_head
from glucolog.importers.source import source_file
from glucolog.services.opening import opened

OWN = "glucolog"


def people_in(files: Sequence[str], now: Moment) -> tuple[Person, ...]:
    """Return the people of the first file that is glucolog's own export, none where there is no such file."""
    for name in files:
        source = source_file(Path(name))
        if sniff_head(source.head()) == OWN:
            imported = read_source(source, Options(zone="UTC", now_s=now.epoch_s, format=OWN))
            return tuple(record for record in imported.records if isinstance(record, Person))
    return ()


def is_empty(target: str) -> bool:
    """Whether there is no log yet, or nobody in it."""
    try:
        with opened(target) as log:
            return not log.people()
    except GlucologError:
        return not Path(target).exists()
