"""The conditions that reads have in common: whose readings are in use, and which stretch of time is asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from glucolog.core.moments import Moment
from glucolog.core.records import Session
from glucolog.core.units import Source
from glucolog.storage.mapping import mapped
from glucolog.storage.tables import reading as reading_table


def between(record_type: type[Any], since: Moment | None, until: Moment | None) -> list[ColumnElement[bool]]:
    """Return what picks records of the closed window; a session counts by its start, None is no bound."""
    columns = mapped(record_type).table.c
    at_s = columns.start_s if record_type is Session else columns.at_s
    lower = [] if since is None else [at_s >= since.epoch_s]
    upper = [] if until is None else [at_s <= until.epoch_s]
    return lower + upper


def in_use(person_id: str, source: Source | None) -> tuple[ColumnElement[bool], ...]:
    """Return what picks a person's readings but those that contradict an earlier one, of one source or of both."""
    columns = reading_table.c
    sources = [source.value] if source else [one.value for one in Source]
    return columns.person_id == person_id, columns.source.in_(sources), columns.used == True  # noqa: E712 – SQL
