"""Many readings at once: a trace as columns, and how far a person's data reach."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, case, select

from glucolog.core.columns import Trace
from glucolog.core.evidence import Pair
from glucolog.core.moments import Moment
from glucolog.core.records import Reading
from glucolog.core.units import Censored, Source, Unit
from glucolog.storage.chunks import chunked
from glucolog.storage.engine import file_problems
from glucolog.storage.rows import select_records
from glucolog.storage.tables import person as person_table
from glucolog.storage.tables import reading as reading_table
from glucolog.storage.tables import session as session_table
from glucolog.storage.windows import between, in_use


def span(connection: Connection, person_id: str) -> tuple[Moment, Moment] | None:
    """Return the first and the last moment of a person's readings and sessions, None where there are none."""
    columns, sessions = reading_table.c, session_table.c
    stretches = [
        (columns.at_s, columns.zone, (columns.deleted_at_s.is_(None), *in_use(person_id, source))) for source in Source
    ]
    mine = (sessions.person_id == person_id, sessions.deleted_at_s.is_(None))
    stretches.append((sessions.start_s, sessions.start_zone, mine))
    found = [
        Moment(row[0], row[1])
        for at_s, zone, where in stretches
        for order in (at_s.asc(), at_s.desc())
        for row in connection.execute(select(at_s, zone).where(*where).order_by(order).limit(1))
    ]
    return (min(found), max(found)) if found else None


def trace(connection: Connection, person_id: str, source: Source, since: Moment | None, until: Moment | None) -> Trace:
    """Return the readings in use of one source as columns; the zone as `Log.trace` says."""
    columns = reading_table.c
    where = (
        columns.deleted_at_s.is_(None),
        *in_use(person_id, source),
        *between(Reading, since, until),
    )
    mark = case((columns.censored == Censored.LOW, -1), (columns.censored == Censored.HIGH, 1), else_=0)
    is_mmol_l = case((columns.unit == Unit.MMOL_L, 1), else_=0)
    wanted = select(columns.at_s, columns.amount, is_mmol_l, mark).where(*where).order_by(columns.at_s)
    latest = select(columns.zone).where(*where).order_by(columns.at_s.desc()).limit(1)
    own = select(person_table.c.zone).where(person_table.c.id == person_id)
    cursor: Any = connection.execute(wanted).cursor
    with file_problems(Path(connection.engine.url.database or "")):
        found = cursor.fetchall()  # the driver's own tuples: SQLAlchemy's rows would double the time
    zone = connection.execute(latest).scalar() or connection.execute(own).scalar() or "UTC"
    return Trace(
        source=source,
        zone=zone,
        at_s=array("q", [row[0] for row in found]),
        amount=array("d", [row[1] for row in found]),
        is_mmol_l=array("b", [row[2] for row in found]),
        censored=array("b", [row[3] for row in found]),
    )


def instants_below(
    connection: Connection, person_id: str, source: Source, pair: Pair, since: Moment, until: Moment
) -> list[int]:
    """Return when readings in use lie under the published number of the unit they were typed in, in seconds UTC."""
    columns = reading_table.c
    limit = case((columns.unit == Unit.MMOL_L, pair.mmol_l), else_=pair.mg_dl)
    where = columns.deleted_at_s.is_(None), *in_use(person_id, source), *between(Reading, since, until)
    return list(connection.scalars(select(columns.at_s).where(*where, columns.amount < limit).order_by(columns.at_s)))


def readings_in(
    connection: Connection, person_id: str, source: Source, stretches: Sequence[tuple[int, int]], ids: Sequence[str]
) -> tuple[Reading, ...]:
    """Return the readings in use of closed stretches (seconds UTC), and those with these ids wherever they lie."""
    columns = reading_table.c
    mine = in_use(person_id, source)
    lies_in = columns.at_s.between(bindparam("since_s"), bindparam("until_s"))
    each = [{"since_s": since_s, "until_s": until_s} for since_s, until_s in stretches]
    found = {reading.id: reading for reading in select_records(connection, Reading, *mine, lies_in, each=each)}
    for some in chunked([each_id for each_id in ids if each_id not in found]):
        found |= {reading.id: reading for reading in select_records(connection, Reading, *mine, columns.id.in_(some))}
    return tuple(sorted(found.values(), key=lambda reading: (reading.at.epoch_s, reading.id)))
