"""The tables, every constraint named, the same on SQLite and PostgreSQL.

A list that is only ever read with its record (a person's insulins, the sides of a foot check, the counts of an import)
is JSON text: a table of its own would buy no question anyone asks. A list that is searched, joined or counted (a
session's areas, techniques, tools, tags and readings; the findings at the feet) has its table, in order of `position`.

Rows are never deleted: `deleted_at_s` hides them. `complete` puts on what only making tables needs.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)

from glucolog.core import vocabulary
from glucolog.core.records import InsulinKind, Phase, TargetSet, Therapy
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Source, Unit
from glucolog.core.vocabulary import Side
from glucolog.storage.table_parts import (
    Tables,
    amount,
    check,
    day,
    flag,
    free_text,
    json_check,
    json_list,
    key,
    moment,
    own_check,
    owner,
    place,
    reference,
    removable,
    word,
)
from glucolog.storage.types import Id, Instant, JsonText, Number, Words

_tables = Tables()
metadata, _table, _timed, _child = _tables.metadata, _tables.table, _tables.timed, _tables.child

MOST_MG_DL = 2000
"""Beyond the highest blood glucose ever reported; devices stop far below, files may not."""

person = _table(
    "person",
    *key(),
    Column("name", Words, nullable=False),
    *word("unit", Unit, nullable=False),
    Column("zone", Words, nullable=False),
    *word("therapy", Therapy, nullable=False),
    *json_list("insulins"),
    *json_list("sites"),
    *json_list("neuropathies"),
    *flag("protective_sensation_lost"),
    *day("sensation_checked_on"),
    *flag("impaired_awareness"),
    *moment("severe_low_at_s", "severe_low_at_zone", nullable=True),
    *word("target_set", TargetSet, nullable=False),
    *amount("target_low", "> 0"),
    *word("target_low_unit", Unit),
    *amount("target_high", "> 0"),
    *word("target_high_unit", Unit),
    Column("birth_year", Integer),
    check("birth_year_plausible", "birth_year BETWEEN 1880 AND 2200"),
    Column("low_plan", Words),
    Column("bedtime_minute", Integer, own_check("bedtime_minute_plausible", "bedtime_minute BETWEEN 0 AND 1439")),
    *json_list("questions"),
    *flag("research_consent", nullable=False),
    *free_text("note"),
    removable(),
)

_MG_DL = f"CASE unit WHEN '{Unit.MMOL_L}' THEN amount * {MG_DL_PER_MMOL_L} ELSE amount END"

reading = _table(
    "reading",
    Column("id", Id, nullable=False),
    owner(),
    *moment("at_s", "zone"),
    Column("amount", Number, nullable=False),
    *word("unit", Unit, nullable=False),
    *word("censored", Censored),
    Column("mg_dl", Number, Computed(_MG_DL, persisted=True)),
    check("mg_dl_plausible", f"mg_dl > 0 AND mg_dl <= {MOST_MG_DL}"),
    *word("source", Source, nullable=False),
    *free_text("device", "note"),
    reference("batch_id", "import_batch.id"),
    # The journal entry that stored the row: of two readings at one instant, the one stored first is in use.
    Column("entry_seq", Integer, nullable=False),
    *flag("used", nullable=False),
    removable(),
    # In this order on disk: a trace is one walk along the table.
    PrimaryKeyConstraint("person_id", "source", "at_s", "id"),
    UniqueConstraint("id"),
    with_rowid=False,
)

dose = _timed(
    "dose",
    *amount("units", "BETWEEN 0 AND 1000", nullable=False),
    *word("kind", InsulinKind, nullable=False),
    *free_text("name"),
    *place("site_area", "site_side"),
    *flag("by_pump", nullable=False),
    *amount("duration_min", ">= 0"),
    *free_text("note"),
    reference("batch_id", "import_batch.id"),
)

carbs = _timed(
    "carbs",
    *amount("grams", "BETWEEN 0 AND 5000", nullable=False),
    *flag("treatment", nullable=False),
    *free_text("note"),
    reference("batch_id", "import_batch.id"),
)

activity = _timed(
    "activity",
    Column("kind", Words, nullable=False),
    *amount("minutes", ">= 0"),
    *word("intensity", vocabulary.INTENSITIES),
    *free_text("note"),
    reference("batch_id", "import_batch.id"),
)

note = _timed("note", Column("text", Words, nullable=False), reference("batch_id", "import_batch.id"))

session = _table(
    "session",
    *key(),
    owner(),
    *moment("start_s", "start_zone"),
    *moment("end_s", "end_zone", nullable=True),
    check("end_after_start", "end_s >= start_s"),
    *flag("length_assumed", nullable=False),
    Column("pressure", Integer),
    check("pressure_known", f"pressure BETWEEN {min(vocabulary.Pressure)} AND {max(vocabulary.Pressure)}"),
    *word("performer", vocabulary.PERFORMERS),
    *free_text("performer_name"),
    *flag("performer_trained"),
    *amount("water_c", "BETWEEN 0 AND 100"),
    *flag("lotion"),
    *flag("lotion_between_toes"),
    *flag("hands_washed"),
    *flag("equipment_clean"),
    *word("position", vocabulary.POSITIONS),
    *free_text("note"),
    removable(),
    Index(None, "person_id", "start_s"),
)

session_area = _child("session_area", "session", *place("area", "side", nullable=False))
session_technique = _child("session_technique", "session", *word("technique", vocabulary.TECHNIQUES, nullable=False))
session_tool = _child("session_tool", "session", *word("tool", vocabulary.TOOLS, nullable=False))
session_tag = _child("session_tag", "session", Column("tag", Words, nullable=False))
session_link = _child(
    "session_link",
    "session",
    reference("reading_id", "reading.id", nullable=False),
    *word("phase", Phase, nullable=False),
    Index(None, "reading_id"),
)

symptom = _timed(
    "symptom",
    *word("symptom", vocabulary.SYMPTOMS, nullable=False),
    Column("score", Integer, nullable=False),
    check("score_nrs", "score BETWEEN 0 AND 10"),
    *place("place_area", "place_side"),
    reference("session_id", "session.id"),
    *word("phase", Phase),
    *flag("new_or_worse", nullable=False),
    *day("told_team_on"),
    *free_text("note"),
    Index(None, "session_id"),
)

trial = _timed(
    "trial",
    *day("start_day", nullable=False),
    Column("weeks", Integer, nullable=False),
    check("weeks_plausible", "weeks BETWEEN 1 AND 104"),
    Column("per_week", Integer, nullable=False),
    check("per_week_plausible", "per_week BETWEEN 1 AND 6"),
    Column("seed", Instant, nullable=False),
    Column("planned_minute", Integer, nullable=False),
    check("planned_minute_plausible", "planned_minute BETWEEN 0 AND 1439"),
    Column("planned_zone", Words, nullable=False),
    *day("stopped_on"),
)

foot_check = _timed("foot_check", *json_list("sides"), *day("told_team_on"), *free_text("note"))
foot_finding = _child(
    "foot_finding",
    "foot_check",
    *word("side", Side, nullable=False),
    *word("region", vocabulary.FOOT_REGIONS, nullable=False),
    *word("finding", vocabulary.FOOT_FINDINGS, nullable=False),
    *free_text("note"),
)

import_batch = _timed(
    "import_batch",
    Column("file_name", Words, nullable=False),
    Column("file_sha256", Words, nullable=False),
    Column("format", Words, nullable=False),
    *json_list("counts"),
)

UNDONE = text("state = 'undone'")

journal = _table(
    "journal",
    Column("seq", Integer, nullable=False),
    Column("uid", Id, nullable=False),
    reference("person_id", "person.id"),
    *moment("at_s", "zone"),
    Column("summary", Words, nullable=False),
    *word("action", ("write", "undo", "redo"), nullable=False),
    # "dropped": undone, and a later write has made redoing it impossible.
    *word("state", ("done", "undone", "dropped"), nullable=False),
    Column("undone_by", Integer),
    reference("batch_id", "import_batch.id"),
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
    json_check("before"),
    Column("after", JsonText),
    json_check("after"),
    PrimaryKeyConstraint("entry_seq", "position"),
    Index(None, "record_id"),
    with_rowid=False,
)


def complete() -> MetaData:
    """Return the tables with their CHECKs and the index on part of a table, for making or comparing them."""
    if not journal.indexes:
        # Each write asks for what can be redone, of all that was ever done. Naming PostgreSQL imports all of it.
        Index(None, journal.c.person_id, sqlite_where=UNDONE, postgresql_where=UNDONE)
    _tables.put_on_checks()
    return metadata
