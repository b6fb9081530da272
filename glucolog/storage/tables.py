"""The tables, every constraint named, the same on SQLite and PostgreSQL.

A list that is only ever read with its record (a person's insulins, the sides of a foot check, the counts of an import)
is JSON text: a table of its own would buy no question anyone asks. A list that is searched, joined or counted (a
session's areas, techniques, tools, tags and readings; the findings at the feet) has its table, in order of `position`.

Rows are never deleted: `deleted_at_s` hides them. The words of the vocabulary and the bounds of what can be are CHECKs;
only making tables needs those, so `complete` puts them on, and reading and writing does not pay for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from glucolog.core import vocabulary
from glucolog.core.records import InsulinKind, Phase, TargetSet, Therapy
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Source, Unit
from glucolog.core.vocabulary import Side
from glucolog.storage.types import Day, Flag, Id, Instant, JsonText, Number, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Check(NamedTuple):
    """A rule of a table, under a name; `sqlite_only` where PostgreSQL has a type for it."""

    name: str
    rule: str
    sqlite_only: bool


Item = Column[object] | Check | UniqueConstraint | PrimaryKeyConstraint | Index

_checks: dict[str, list[Check]] = {}

EARLIEST_S, LATEST_S = -2_208_988_800, 7_258_118_400
"""1900 to 2200: an instant beyond is a slip of a clock or a unit (milliseconds)."""
MOST_MG_DL = 2000
"""Beyond the highest blood glucose ever reported; devices stop far below, files may not."""


def complete() -> MetaData:
    """Return the tables with their CHECKs and the index on part of a table, for making or comparing them."""
    if not journal.indexes:
        # Each write asks for what can be redone, of all that was ever done. Naming PostgreSQL imports all of it.
        Index(None, journal.c.person_id, sqlite_where=UNDONE, postgresql_where=UNDONE)
    for name, checks in _checks.items():
        for check in checks:
            constraint = CheckConstraint(check.rule, name=check.name)
            metadata.tables[name].append_constraint(
                constraint.ddl_if(dialect="sqlite") if check.sqlite_only else constraint
            )
    _checks.clear()
    return metadata


def _check(name: str, rule: str, *, sqlite_only: bool = False) -> Check:
    return Check(name, rule, sqlite_only)


def _own_check(name: str, rule: str) -> CheckConstraint:
    """A CHECK that lies with its column: one that was added to a table that was there (SQLite adds no other)."""
    return CheckConstraint(rule, name=name)


def _key() -> list[Item]:
    return [Column("id", Id, nullable=False), PrimaryKeyConstraint("id")]


def _owner() -> Item:
    return _reference("person_id", "person.id", nullable=False)


def _reference(name: str, target: str, *, nullable: bool = True) -> Item:
    # Deferred: a session may be stored before the readings it links to, in one write.
    return Column(name, Id, ForeignKey(target, deferrable=True, initially="DEFERRED"), nullable=nullable)


def _moment(column: str, zone: str, *, nullable: bool = False) -> list[Item]:
    return [
        Column(column, Instant, nullable=nullable),
        Column(zone, Words, nullable=nullable),
        _check(f"{column}_plausible", f"{column} BETWEEN {EARLIEST_S} AND {LATEST_S}"),
    ]


def _word(column: str, words: Iterable[str], *, nullable: bool = True) -> list[Item]:
    known = ", ".join(f"'{word.value if isinstance(word, Enum) else word}'" for word in words)
    return [Column(column, Words, nullable=nullable), _check(f"{column}_known", f"{column} IN ({known})")]


def _flag(column: str, *, nullable: bool = True) -> list[Item]:
    return [
        Column(column, Flag, nullable=nullable),
        _check(f"{column}_flag", f"{column} IN (0, 1)", sqlite_only=True),
    ]


def _list(column: str) -> list[Item]:
    return [Column(column, JsonText, nullable=False), _json(column)]


def _json(column: str) -> Item:
    return _check(f"{column}_json", f"{column} IS NULL OR json_valid({column})", sqlite_only=True)


def _day(column: str) -> list[Item]:
    return [Column(column, Day), _check(f"{column}_day", f"date({column}) IS {column}", sqlite_only=True)]


def _amount(column: str, bounds: str, *, nullable: bool = True) -> list[Item]:
    return [Column(column, Number, nullable=nullable), _check(f"{column}_plausible", f"{column} {bounds}")]


def _text(*columns: str) -> list[Item]:
    return [Column(column, Words) for column in columns]


def _place(area: str, side: str, *, nullable: bool = True) -> list[Item]:
    return [
        *_word(area, vocabulary.AREAS, nullable=nullable),
        *_word(side, Side, nullable=nullable),
    ]


def _removable() -> Item:
    return Column("deleted_at_s", Instant)


def _table(name: str, *items: Item, with_rowid: bool = True, autoincrement: bool = False) -> Table:
    _checks[name] = [item for item in items if isinstance(item, Check)]
    parts = (item for item in items if not isinstance(item, Check))
    return Table(
        name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=with_rowid, sqlite_autoincrement=autoincrement
    )


def _timed(name: str, *items: Item) -> Table:
    return _table(
        name,
        *_key(),
        _owner(),
        *_moment("at_s", "zone"),
        *items,
        _removable(),
        Index(None, "person_id", "at_s"),
    )


def _child(name: str, owner: str, *items: Item) -> Table:
    return _table(
        name,
        _reference(f"{owner}_id", f"{owner}.id", nullable=False),
        Column("position", Integer, nullable=False),
        *items,
        PrimaryKeyConstraint(f"{owner}_id", "position"),
        with_rowid=False,
    )


person = _table(
    "person",
    *_key(),
    Column("name", Words, nullable=False),
    *_word("unit", Unit, nullable=False),
    Column("zone", Words, nullable=False),
    *_word("therapy", Therapy, nullable=False),
    *_list("insulins"),
    *_list("sites"),
    *_list("neuropathies"),
    *_flag("protective_sensation_lost"),
    *_day("sensation_checked_on"),
    *_flag("impaired_awareness"),
    *_moment("severe_low_at_s", "severe_low_at_zone", nullable=True),
    *_word("target_set", TargetSet, nullable=False),
    *_amount("target_low", "> 0"),
    *_word("target_low_unit", Unit),
    *_amount("target_high", "> 0"),
    *_word("target_high_unit", Unit),
    Column("birth_year", Integer),
    _check("birth_year_plausible", "birth_year BETWEEN 1880 AND 2200"),
    Column("low_plan", Words),
    Column("bedtime_minute", Integer, _own_check("bedtime_minute_plausible", "bedtime_minute BETWEEN 0 AND 1439")),
    *_list("questions"),
    *_flag("research_consent", nullable=False),
    *_text("note"),
    _removable(),
)

_MG_DL = f"CASE unit WHEN '{Unit.MMOL_L}' THEN amount * {MG_DL_PER_MMOL_L} ELSE amount END"

reading = _table(
    "reading",
    Column("id", Id, nullable=False),
    _owner(),
    *_moment("at_s", "zone"),
    Column("amount", Number, nullable=False),
    *_word("unit", Unit, nullable=False),
    *_word("censored", Censored),
    Column("mg_dl", Number, Computed(_MG_DL, persisted=True)),
    _check("mg_dl_plausible", f"mg_dl > 0 AND mg_dl <= {MOST_MG_DL}"),
    *_word("source", Source, nullable=False),
    *_text("device", "note"),
    _reference("batch_id", "import_batch.id"),
    # The journal entry that stored the row: of two readings at one instant, the one stored first is in use.
    Column("entry_seq", Integer, nullable=False),
    *_flag("used", nullable=False),
    _removable(),
    # In this order on disk: a trace is one walk along the table.
    PrimaryKeyConstraint("person_id", "source", "at_s", "id"),
    UniqueConstraint("id"),
    with_rowid=False,
)

dose = _timed(
    "dose",
    *_amount("units", "BETWEEN 0 AND 1000", nullable=False),
    *_word("kind", InsulinKind, nullable=False),
    *_text("name"),
    *_place("site_area", "site_side"),
    *_flag("by_pump", nullable=False),
    *_amount("duration_min", ">= 0"),
    *_text("note"),
    _reference("batch_id", "import_batch.id"),
)

carbs = _timed(
    "carbs",
    *_amount("grams", "BETWEEN 0 AND 5000", nullable=False),
    *_flag("treatment", nullable=False),
    *_text("note"),
    _reference("batch_id", "import_batch.id"),
)

activity = _timed(
    "activity",
    Column("kind", Words, nullable=False),
    *_amount("minutes", ">= 0"),
    *_word("intensity", vocabulary.INTENSITIES),
    *_text("note"),
    _reference("batch_id", "import_batch.id"),
)

note = _timed("note", Column("text", Words, nullable=False), _reference("batch_id", "import_batch.id"))

session = _table(
    "session",
    *_key(),
    _owner(),
    *_moment("start_s", "start_zone"),
    *_moment("end_s", "end_zone", nullable=True),
    _check("end_after_start", "end_s >= start_s"),
    *_flag("length_assumed", nullable=False),
    Column("pressure", Integer),
    _check("pressure_known", f"pressure BETWEEN {min(vocabulary.Pressure)} AND {max(vocabulary.Pressure)}"),
    *_word("performer", vocabulary.PERFORMERS),
    *_text("performer_name"),
    *_flag("performer_trained"),
    *_amount("water_c", "BETWEEN 0 AND 100"),
    *_flag("lotion"),
    *_flag("lotion_between_toes"),
    *_flag("hands_washed"),
    *_flag("equipment_clean"),
    *_word("position", vocabulary.POSITIONS),
    *_text("note"),
    _removable(),
    Index(None, "person_id", "start_s"),
)

session_area = _child("session_area", "session", *_place("area", "side", nullable=False))
session_technique = _child("session_technique", "session", *_word("technique", vocabulary.TECHNIQUES, nullable=False))
session_tool = _child("session_tool", "session", *_word("tool", vocabulary.TOOLS, nullable=False))
session_tag = _child("session_tag", "session", Column("tag", Words, nullable=False))
session_link = _child(
    "session_link",
    "session",
    _reference("reading_id", "reading.id", nullable=False),
    *_word("phase", Phase, nullable=False),
    Index(None, "reading_id"),
)

symptom = _timed(
    "symptom",
    *_word("symptom", vocabulary.SYMPTOMS, nullable=False),
    Column("score", Integer, nullable=False),
    _check("score_nrs", "score BETWEEN 0 AND 10"),
    *_place("place_area", "place_side"),
    _reference("session_id", "session.id"),
    *_word("phase", Phase),
    *_flag("new_or_worse", nullable=False),
    *_day("told_team_on"),
    *_text("note"),
    Index(None, "session_id"),
)

trial = _timed(
    "trial",
    Column("start_day", Day, nullable=False),
    _check("start_day_day", "date(start_day) IS start_day", sqlite_only=True),
    Column("weeks", Integer, nullable=False),
    _check("weeks_plausible", "weeks BETWEEN 1 AND 104"),
    Column("per_week", Integer, nullable=False),
    _check("per_week_plausible", "per_week BETWEEN 1 AND 6"),
    Column("seed", Instant, nullable=False),
    Column("planned_minute", Integer, nullable=False),
    _check("planned_minute_plausible", "planned_minute BETWEEN 0 AND 1439"),
    Column("planned_zone", Words, nullable=False),
    *_day("stopped_on"),
)

foot_check = _timed("foot_check", *_list("sides"), *_day("told_team_on"), *_text("note"))
foot_finding = _child(
    "foot_finding",
    "foot_check",
    *_word("side", Side, nullable=False),
    *_word("region", vocabulary.FOOT_REGIONS, nullable=False),
    *_word("finding", vocabulary.FOOT_FINDINGS, nullable=False),
    *_text("note"),
)

import_batch = _timed(
    "import_batch",
    Column("file_name", Words, nullable=False),
    Column("file_sha256", Words, nullable=False),
    Column("format", Words, nullable=False),
    *_list("counts"),
)

UNDONE = text("state = 'undone'")

journal = _table(
    "journal",
    Column("seq", Integer, nullable=False),
    Column("uid", Id, nullable=False),
    _reference("person_id", "person.id"),
    *_moment("at_s", "zone"),
    Column("summary", Words, nullable=False),
    *_word("action", ("write", "undo", "redo"), nullable=False),
    # "dropped": undone, and a later write has made redoing it impossible.
    *_word("state", ("done", "undone", "dropped"), nullable=False),
    Column("undone_by", Integer),
    _reference("batch_id", "import_batch.id"),
    PrimaryKeyConstraint("seq"),
    UniqueConstraint("uid"),
    autoincrement=True,
)

journal_row = _table(
    "journal_row",
    Column("entry_seq", Integer, ForeignKey("journal.seq"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Words, nullable=False),
    Column("record_id", Id, nullable=False),
    Column("before", JsonText),
    _json("before"),
    Column("after", JsonText),
    _json("after"),
    PrimaryKeyConstraint("entry_seq", "position"),
    Index(None, "record_id"),
    with_rowid=False,
)
