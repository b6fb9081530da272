"""When a person usually goes to bed.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty: nobody has said it yet."""
    plausible = sa.CheckConstraint("bedtime_minute BETWEEN 0 AND 1439", name=op.f("ck_person_bedtime_minute_plausible"))
    op.add_column("person", sa.Column("bedtime_minute", sa.Integer(), plausible))


def downgrade() -> None:
    """Drop the column with its CHECK."""
    op.drop_column("person", "bedtime_minute")
