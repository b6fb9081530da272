"""A table for a person's own randomised trial.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BLOB().with_variant(sa.Uuid(as_uuid=False), "postgresql")
INSTANT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table of trials."""
    op.create_table(
        "trial",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at_s", INSTANT, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("start_day", sa.Text(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("per_week", sa.Integer(), nullable=False),
        sa.Column("seed", INSTANT, nullable=False),
        sa.Column("planned_minute", sa.Integer(), nullable=False),
        sa.Column("planned_zone", sa.Text(), nullable=False),
        sa.Column("stopped_on", sa.Text()),
        sa.Column("deleted_at_s", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_trial_person_id"), deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("at_s BETWEEN -2208988800 AND 7258118400", name=op.f("ck_trial_at_s_plausible")),
        sa.CheckConstraint("date(start_day) IS start_day", name=op.f("ck_trial_start_day_day")).ddl_if(
            dialect="sqlite"
        ),
        sa.CheckConstraint("weeks BETWEEN 1 AND 104", name=op.f("ck_trial_weeks_plausible")),
        sa.CheckConstraint("per_week BETWEEN 1 AND 6", name=op.f("ck_trial_per_week_plausible")),
        sa.CheckConstraint("planned_minute BETWEEN 0 AND 1439", name=op.f("ck_trial_planned_minute_plausible")),
        sa.CheckConstraint("date(stopped_on) IS stopped_on", name=op.f("ck_trial_stopped_on_day")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_trial_person_id_at_s"), "trial", ["person_id", "at_s"])


def downgrade() -> None:
    """Drop the table of trials."""
    op.drop_table("trial")
