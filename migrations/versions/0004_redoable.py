"""An index on what can be redone: each write asks for it, and read the whole history to find it.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNDONE = sa.text("state = 'undone'")


def upgrade() -> None:
    """Add the index; it holds the undone entries alone."""
    op.create_index(
        op.f("ix_journal_person_id"), "journal", ["person_id"], sqlite_where=UNDONE, postgresql_where=UNDONE
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_journal_person_id"), "journal")
