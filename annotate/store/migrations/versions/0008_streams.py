"""Let every webhook keep its own place in the streams of events; find events of a kind in their order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("webhooks", sa.Column("seen", sa.JSON(), nullable=False, server_default="{}"))
    op.create_index("ix_events_kind_id", "events", ["kind", "id"])
    op.drop_index("ix_events_kind_assessor_id", "events")


def downgrade() -> None:
    """Undo the change."""
    op.create_index("ix_events_kind_assessor_id", "events", ["kind", "assessor_id"])
    op.drop_index("ix_events_kind_id", "events")
    op.drop_column("webhooks", "seen")
