"""Readings on their way in: the temporary table that an import is matched in, and what makes two readings one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    and_,
    case,
    cast,
    func,
    or_,
)
from sqlalchemy.types import REAL, TypeEngine

from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Source, Unit
from glucolog.storage.types import Id, Instant, Number

NEAR_S = {Source.CGM: 149, Source.METER: 60}
"""How far apart (closed, in seconds) one reading's two stamps may lie: under half of 5 minutes; a cut minute."""

SHOWN_STEPS = {Unit.MG_DL: 1, Unit.MMOL_L: 10}
"""Shown steps in one unit: a value is the same when it is shown the same."""

SAME_ACROSS_UNITS_MG_DL = 0.5 / SHOWN_STEPS[Unit.MG_DL] + 0.5 * MG_DL_PER_MMOL_L / SHOWN_STEPS[Unit.MMOL_L]
"""One raw value, rounded to whole mg/dL here and to 0.1 mmol/L there, differs by at most half a step of each."""

NEW, DUPLICATE, CONFLICT = 0, 1, 2

incoming = Table(
    "incoming",
    MetaData(),
    Column("at_s", Instant, nullable=False),
    Column("n", Integer, nullable=False),
    Column("id", Id, nullable=False),
    Column("amount", Number, nullable=False),
    Column("censored", Integer, nullable=False),
    Column("fate", Integer, nullable=False),
    PrimaryKeyConstraint("at_s", "n"),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
# PostgreSQL rounds halves of a double to the even side, and those of a numeric away from zero, as SQLite does.
_ROUNDED_AWAY: TypeEngine[Any] = Numeric().with_variant(REAL(), "sqlite")


def same_value(stored: FromClause, unit: Unit) -> ColumnElement[bool]:
    """Whether a stored reading and an incoming one, in `unit`, show the same value."""
    mark = case((stored.c.censored == Censored.LOW.value, -1), (stored.c.censored == Censored.HIGH.value, 1), else_=0)
    mg_dl = incoming.c.amount * (MG_DL_PER_MMOL_L if unit is Unit.MMOL_L else 1.0)
    same_unit = and_(stored.c.unit == unit.value, shown(stored.c.amount, unit) == shown(incoming.c.amount, unit))
    other_unit = and_(stored.c.unit != unit.value, func.abs(stored.c.mg_dl - mg_dl) <= SAME_ACROSS_UNITS_MG_DL)
    return and_(mark == incoming.c.censored, or_(mark != 0, same_unit, other_unit))


def shown(amount: ColumnElement[Any], unit: Unit) -> ColumnElement[float]:
    """The amount as it is shown in `unit`, in steps."""
    return func.round(cast(amount * SHOWN_STEPS[unit], _ROUNDED_AWAY))
