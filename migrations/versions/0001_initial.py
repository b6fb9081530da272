"""The first tables: people, readings, sessions, doses, carbs, activity, notes, symptoms, feet, imports, the journal.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As they were at this revision; STRICT tables of SQLite know INTEGER, REAL, TEXT and BLOB alone.
ID = sa.BLOB().with_variant(sa.Uuid(as_uuid=False), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER = sa.Double().with_variant(sa.REAL(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("therapy", sa.Text(), nullable=False),
        sa.Column("insulins", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.Column("neuropathies", sa.Text(), nullable=False),
        sa.Column("protective_sensation_lost", FLAG),
        sa.Column("sensation_checked_on", sa.Text()),
        sa.Column("impaired_awareness", FLAG),
        sa.Column("severe_low_at_s", INSTANT),
        sa.Column("severe_low_at_zone", sa.Text()),
        sa.Column("target_set", sa.Text(), nullable=False),
        sa.Column("target_low", NUMBER),
        sa.Column("target_low_unit", sa.Text()),
        sa.Column("target_high", NUMBER),
        sa.Column("target_high_unit", sa.Text()),
        sa.Column("birth_year", sa.Integer()),
        sa.Column("low_plan", sa.Text()),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("research_consent", FLAG, nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.CheckConstraint("unit IN ('mg/dL', 'mmol/L')", name=op.f("ck_person_unit_known")),
        sa.CheckConstraint("therapy IN ('none', 'basal', 'mdi', 'pump')", name=op.f("ck_person_therapy_known")),
        sa.CheckConstraint("insulins IS NULL OR json_valid(insulins)", name=op.f("ck_person_insulins_json")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("sites IS NULL OR json_valid(sites)", name=op.f("ck_person_sites_json")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint(
            "neuropathies IS NULL OR json_valid(neuropathies)", name=op.f("ck_person_neuropathies_json")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "protective_sensation_lost IN (0, 1)", name=op.f("ck_person_protective_sensation_lost_flag")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "date(sensation_checked_on) IS sensation_checked_on", name=op.f("ck_person_sensation_checked_on_day")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("impaired_awareness IN (0, 1)", name=op.f("ck_person_impaired_awareness_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint(
            "severe_low_at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_person_severe_low_at_s_plausible")
        ),
        sa.CheckConstraint("target_set IN ('adult', 'older', 'pregnancy')", name=op.f("ck_person_target_set_known")),
        sa.CheckConstraint("target_low > 0", name=op.f("ck_person_target_low_plausible")),
        sa.CheckConstraint("target_low_unit IN ('mg/dL', 'mmol/L')", name=op.f("ck_person_target_low_unit_known")),
        sa.CheckConstraint("target_high > 0", name=op.f("ck_person_target_high_plausible")),
        sa.CheckConstraint("target_high_unit IN ('mg/dL', 'mmol/L')", name=op.f("ck_person_target_high_unit_known")),
        sa.CheckConstraint("birth_year BETWEEN 1880 AND 2200", name=op.f("ck_person_birth_year_plausible")),
        sa.CheckConstraint("questions IS NULL OR json_valid(questions)", name=op.f("ck_person_questions_json")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("research_consent IN (0, 1)", name=op.f("ck_person_research_consent_flag")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "foot_check",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("sides", sa.Text(), nullable=False),
        sa.Column("told_team_on", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foot_check")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_foot_check_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_foot_check_at_s_plausible")),
        sa.CheckConstraint("sides IS NULL OR json_valid(sides)", name=op.f("ck_foot_check_sides_json")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("date(told_team_on) IS told_team_on", name=op.f("ck_foot_check_told_team_on_day")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_foot_check_person_id_at_s"), "foot_check", ["person_id", "at_s"])
    op.create_table(
        "import_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_import_batch_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_import_batch_at_s_plausible")),
        sa.CheckConstraint("counts IS NULL OR json_valid(counts)", name=op.f("ck_import_batch_counts_json")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_import_batch_person_id_at_s"), "import_batch", ["person_id", "at_s"])
    op.create_table(
        "session",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("start_s", INSTANT, nullable=False),
        sa.Column("start_zone", sa.Text(), nullable=False),
        sa.Column("end_s", INSTANT),
        sa.Column("end_zone", sa.Text()),
        sa.Column("length_assumed", FLAG, nullable=False),
        sa.Column("pressure", sa.Integer()),
        sa.Column("performer", sa.Text()),
        sa.Column("performer_name", sa.Text()),
        sa.Column("performer_trained", FLAG),
        sa.Column("water_c", NUMBER),
        sa.Column("lotion", FLAG),
        sa.Column("lotion_between_toes", FLAG),
        sa.Column("hands_washed", FLAG),
        sa.Column("equipment_clean", FLAG),
        sa.Column("position", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("start_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_session_start_s_plausible")),
        sa.CheckConstraint("end_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_session_end_s_plausible")),
        sa.CheckConstraint("end_s >= start_s", name=op.f("ck_session_end_after_start")),
        sa.CheckConstraint("length_assumed IN (0, 1)", name=op.f("ck_session_length_assumed_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("pressure BETWEEN 1 AND 5", name=op.f("ck_session_pressure_known")),
        sa.CheckConstraint("performer IN ('self', 'partner', 'therapist')", name=op.f("ck_session_performer_known")),
        sa.CheckConstraint("performer_trained IN (0, 1)", name=op.f("ck_session_performer_trained_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("water_c BETWEEN 0 AND 100", name=op.f("ck_session_water_c_plausible")),
        sa.CheckConstraint("lotion IN (0, 1)", name=op.f("ck_session_lotion_flag")).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("lotion_between_toes IN (0, 1)", name=op.f("ck_session_lotion_between_toes_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("hands_washed IN (0, 1)", name=op.f("ck_session_hands_washed_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("equipment_clean IN (0, 1)", name=op.f("ck_session_equipment_clean_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint(
            "position IN ('sitting', 'lying', 'prone', 'standing')", name=op.f("ck_session_position_known")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_session_person_id_start_s"), "session", ["person_id", "start_s"])
    op.create_table(
        "activity",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minutes", NUMBER),
        sa.Column("intensity", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("batch_id", ID),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_activity_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_activity_batch_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_activity_at_s_plausible")),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_activity_minutes_plausible")),
        sa.CheckConstraint("intensity IN ('light', 'moderate', 'hard')", name=op.f("ck_activity_intensity_known")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_activity_person_id_at_s"), "activity", ["person_id", "at_s"])
    op.create_table(
        "carbs",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("grams", NUMBER, nullable=False),
        sa.Column("treatment", FLAG, nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("batch_id", ID),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carbs")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_carbs_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_carbs_batch_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_carbs_at_s_plausible")),
        sa.CheckConstraint("grams BETWEEN 0 AND 5000", name=op.f("ck_carbs_grams_plausible")),
        sa.CheckConstraint("treatment IN (0, 1)", name=op.f("ck_carbs_treatment_flag")).ddl_if(dialect="sqlite"),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_carbs_person_id_at_s"), "carbs", ["person_id", "at_s"])
    op.create_table(
        "dose",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("units", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("site_area", sa.Text()),
        sa.Column("site_side", sa.Text()),
        sa.Column("by_pump", FLAG, nullable=False),
        sa.Column("duration_min", NUMBER),
        sa.Column("note", sa.Text()),
        sa.Column("batch_id", ID),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dose")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_dose_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_dose_batch_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_dose_at_s_plausible")),
        sa.CheckConstraint("units BETWEEN 0 AND 1000", name=op.f("ck_dose_units_plausible")),
        sa.CheckConstraint(
            "kind IN ('ultra-rapid', 'rapid', 'regular', 'long', 'mixed', 'unknown')", name=op.f("ck_dose_kind_known")
        ),
        sa.CheckConstraint(
            "site_area IN ('head', 'face', 'neck', 'shoulder', 'arm', 'forearm', 'hand', 'chest', "
            "'back', 'abdomen', 'buttock', 'hip', 'thigh', 'knee', 'calf', 'foot')",
            name=op.f("ck_dose_site_area_known"),
        ),
        sa.CheckConstraint(
            "site_side IN ('left', 'right', 'both', 'middle', 'unknown')", name=op.f("ck_dose_site_side_known")
        ),
        sa.CheckConstraint("by_pump IN (0, 1)", name=op.f("ck_dose_by_pump_flag")).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("duration_min >= 0", name=op.f("ck_dose_duration_min_plausible")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_dose_person_id_at_s"), "dose", ["person_id", "at_s"])
    op.create_table(
        "foot_finding",
        sa.Column("foot_check_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("foot_check_id", "position", name=op.f("pk_foot_finding")),
        sa.ForeignKeyConstraint(
            ["foot_check_id"],
            ["foot_check.id"],
            name=op.f("fk_foot_finding_foot_check_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "side IN ('left', 'right', 'both', 'middle', 'unknown')", name=op.f("ck_foot_finding_side_known")
        ),
        sa.CheckConstraint(
            "region IN ('toes', 'between-toes', 'nails', 'ball', 'arch', 'heel', 'top', 'ankle')",
            name=op.f("ck_foot_finding_region_known"),
        ),
        sa.CheckConstraint(
            "finding IN ('wound', 'blister', 'ulcer', 'hot-swelling', 'hot-spot', 'cold-spot', 'corn', "
            "'nail-infection', 'fungus', 'dry-skin', 'swelling', 'other')",
            name=op.f("ck_foot_finding_finding_known"),
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("uid", ID, nullable=False),
        sa.Column("person_id", ID),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.Integer()),
        sa.Column("batch_id", ID),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("uid", name=op.f("uq_journal_uid")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_journal_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_journal_batch_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_journal_at_s_plausible")),
        sa.CheckConstraint("action IN ('write', 'undo', 'redo')", name=op.f("ck_journal_action_known")),
        sa.CheckConstraint("state IN ('done', 'undone', 'dropped')", name=op.f("ck_journal_state_known")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "note",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("batch_id", ID),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_note_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_note_batch_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_note_at_s_plausible")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_note_person_id_at_s"), "note", ["person_id", "at_s"])
    op.create_table(
        "reading",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("censored", sa.Text()),
        sa.Column(
            "mg_dl",
            NUMBER,
            sa.Computed("CASE unit WHEN 'mmol/L' THEN amount * 18.01559 ELSE amount END", persisted=True),
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("device", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("batch_id", ID),
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("used", FLAG, nullable=False),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("person_id", "source", "at_s", "id", name=op.f("pk_reading")),
        sa.UniqueConstraint("id", name=op.f("uq_reading_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reading_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_reading_batch_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_reading_at_s_plausible")),
        sa.CheckConstraint("unit IN ('mg/dL', 'mmol/L')", name=op.f("ck_reading_unit_known")),
        sa.CheckConstraint("censored IN ('low', 'high')", name=op.f("ck_reading_censored_known")),
        sa.CheckConstraint("mg_dl > 0 AND mg_dl <= 2000", name=op.f("ck_reading_mg_dl_plausible")),
        sa.CheckConstraint("source IN ('meter', 'cgm')", name=op.f("ck_reading_source_known")),
        sa.CheckConstraint("used IN (0, 1)", name=op.f("ck_reading_used_flag")).ddl_if(dialect="sqlite"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session_area",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name=op.f("pk_session_area")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_session_area_session_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "area IN ('head', 'face', 'neck', 'shoulder', 'arm', 'forearm', 'hand', 'chest', 'back', "
            "'abdomen', 'buttock', 'hip', 'thigh', 'knee', 'calf', 'foot')",
            name=op.f("ck_session_area_area_known"),
        ),
        sa.CheckConstraint(
            "side IN ('left', 'right', 'both', 'middle', 'unknown')", name=op.f("ck_session_area_side_known")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session_tag",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name=op.f("pk_session_tag")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_session_tag_session_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session_technique",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("technique", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name=op.f("pk_session_technique")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_session_technique_session_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "technique IN ('effleurage', 'petrissage', 'friction', 'tapotement', 'vibration', "
            "'reflexology', 'swedish', 'tactile', 'stretching', 'self-massage', 'other')",
            name=op.f("ck_session_technique_technique_known"),
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session_tool",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name=op.f("pk_session_tool")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_session_tool_session_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "tool IN ('hands', 'ball', 'marbles', 'warm-water', 'roller', 'gun', 'vibrator', 'chair', "
            "'heat-pad', 'sauna', 'other')",
            name=op.f("ck_session_tool_tool_known"),
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "symptom",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("symptom", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("place_area", sa.Text()),
        sa.Column("place_side", sa.Text()),
        sa.Column("session_id", ID),
        sa.Column("phase", sa.Text()),
        sa.Column("new_or_worse", FLAG, nullable=False),
        sa.Column("told_team_on", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_symptom")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_symptom_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_symptom_session_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_symptom_at_s_plausible")),
        sa.CheckConstraint(
            "symptom IN ('pain', 'numbness', 'tingling', 'burning', 'stress')", name=op.f("ck_symptom_symptom_known")
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_symptom_score_nrs")),
        sa.CheckConstraint(
            "place_area IN ('head', 'face', 'neck', 'shoulder', 'arm', 'forearm', 'hand', 'chest', "
            "'back', 'abdomen', 'buttock', 'hip', 'thigh', 'knee', 'calf', 'foot')",
            name=op.f("ck_symptom_place_area_known"),
        ),
        sa.CheckConstraint(
            "place_side IN ('left', 'right', 'both', 'middle', 'unknown')", name=op.f("ck_symptom_place_side_known")
        ),
        sa.CheckConstraint("phase IN ('before', 'during', 'after', 'followup')", name=op.f("ck_symptom_phase_known")),
        sa.CheckConstraint("new_or_worse IN (0, 1)", name=op.f("ck_symptom_new_or_worse_flag")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("date(told_team_on) IS told_team_on", name=op.f("ck_symptom_told_team_on_day")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_symptom_person_id_at_s"), "symptom", ["person_id", "at_s"])
    op.create_index(op.f("ix_symptom_session_id"), "symptom", ["session_id"])
    op.create_table(
        "journal_row",
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.PrimaryKeyConstraint("entry_seq", "position", name=op.f("pk_journal_row")),
        sa.ForeignKeyConstraint(["entry_seq"], ["journal.seq"], name=op.f("fk_journal_row_entry_seq")),
        sa.CheckConstraint("before IS NULL OR json_valid(before)", name=op.f("ck_journal_row_before_json")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("after IS NULL OR json_valid(after)", name=op.f("ck_journal_row_after_json")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_journal_row_record_id"), "journal_row", ["record_id"])
    op.create_table(
        "session_link",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reading_id", ID, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name=op.f("pk_session_link")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_session_link_session_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"],
            ["reading.id"],
            name=op.f("fk_session_link_reading_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "phase IN ('before', 'during', 'after', 'followup')", name=op.f("ck_session_link_phase_known")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_session_link_reading_id"), "session_link", ["reading_id"])


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    op.drop_table("session_link")
    op.drop_table("journal_row")
    op.drop_table("symptom")
    op.drop_table("session_tool")
    op.drop_table("session_technique")
    op.drop_table("session_tag")
    op.drop_table("session_area")
    op.drop_table("reading")
    op.drop_table("note")
    op.drop_table("journal")
    op.drop_table("foot_finding")
    op.drop_table("dose")
    op.drop_table("carbs")
    op.drop_table("activity")
    op.drop_table("session")
    op.drop_table("import_batch")
    op.drop_table("foot_check")
    op.drop_table("person")
