"""A file whose clock stands off from the log's: a summer exported in winter, a zone of half hours, a journey.

A program that places old stamps by today's offset exports them an hour off, or half of one, or eight. Where that is
plain – nearly all of a file's unknown readings that would fall among the stored ones have their value there, equally
far away – they are the stored ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, exists, func, select, update

from glucolog.core.columns import ReadingBlock
from glucolog.storage.incoming import DUPLICATE, NEAR_S, NEW, incoming, same_value

STEP_S = 900
"""Offsets of the world's zones are whole quarters of an hour."""
REACH_S = 26 * 3_600
"""From UTC-12 to UTC+14."""
LEAST_SHIFTED, LEAST_VALUES, SHIFTED_SHARE = 24, 6, 0.9
"""So many readings of so many values, and this share of the unknown ones, tell a changed clock from chance."""
SAMPLE, CANDIDATES = 100, 3
"""So many unknown readings are asked how far away their value stands; so many of their answers are tried on all."""


def settle_shift(connection: Connection, stored: FromClause, block: ReadingBlock) -> tuple[int, int]:
    """Mark the readings whose clock was changed as known; return by how many seconds, and how many there were."""
    first, last = connection.execute(select(func.min(stored.c.at_s), func.max(stored.c.at_s))).one()
    if first is None or last + REACH_S < min(block.at_s) or first - REACH_S > max(block.at_s):
        return 0, 0
    near_s = NEAR_S[block.source]
    for shift_s in _candidates(connection, stored, block, _unknown(first - REACH_S, last + REACH_S)):
        unknown = _unknown(first - shift_s - near_s, last - shift_s + near_s)
        shifted = _is_shifted(stored, block, shift_s)
        if _is_plain(connection, unknown, shifted):
            marked = connection.execute(update(incoming).where(unknown, shifted).values(fate=DUPLICATE))
            return shift_s, marked.rowcount
    return 0, 0


def _unknown(since_s: int, until_s: int) -> ColumnElement[bool]:
    return and_(incoming.c.fate == NEW, incoming.c.at_s.between(since_s, until_s))


def _candidates(
    connection: Connection, stored: FromClause, block: ReadingBlock, unknown: ColumnElement[bool]
) -> Iterator[int]:
    """Give the distances at which the values of a sample stand most often in the log, the likeliest first."""
    count = connection.execute(select(func.count()).select_from(incoming).where(unknown)).scalar_one()
    if count < LEAST_SHIFTED:
        return
    steps = (stored.c.at_s - incoming.c.at_s + REACH_S + STEP_S // 2) // STEP_S
    near = stored.c.at_s.between(incoming.c.at_s - REACH_S, incoming.c.at_s + REACH_S)
    query = (
        select(steps.label("steps"), func.count(incoming.c.n.distinct()).label("votes"))
        .join_from(incoming, stored, and_(near, same_value(stored, block.unit)))
        .where(unknown, incoming.c.censored == 0, incoming.c.n % max(1, count // SAMPLE) == 0)
        .group_by(steps)
        .having(steps != REACH_S // STEP_S)
        .order_by(func.count(incoming.c.n.distinct()).desc(), func.abs(steps - REACH_S // STEP_S))
        .limit(CANDIDATES)
    )
    for found, _ in connection.execute(query).all():
        yield (found - REACH_S // STEP_S) * STEP_S


def _is_plain(connection: Connection, unknown: ColumnElement[bool], shifted: ColumnElement[bool]) -> bool:
    """Whether a shift is beyond chance: a flat night, or hours of LO, look alike an hour later too."""
    value = case((shifted, incoming.c.amount))
    counted = select(func.count(), func.count(value), func.count(value.distinct()))
    total, found, values = connection.execute(counted.where(unknown, incoming.c.censored == 0)).one()
    return found >= max(LEAST_SHIFTED, SHIFTED_SHARE * total) and values >= LEAST_VALUES


def _is_shifted(stored: FromClause, block: ReadingBlock, shift_s: int) -> ColumnElement[bool]:
    near_s = NEAR_S[block.source]
    at_s = incoming.c.at_s + shift_s
    return exists().where(stored.c.at_s.between(at_s - near_s, at_s + near_s), same_value(stored, block.unit))
