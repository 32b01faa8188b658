"""Store what the checks of an answer found, and the circumstances it was made in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("answers", sa.Column("flags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("answers", sa.Column("circumstances", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("answers", "circumstances")
    op.drop_column("answers", "flags")
