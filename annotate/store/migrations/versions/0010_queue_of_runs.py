"""Give runs a priority, resources, limits and a launcher; models their lineage; trainings their triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    for column in _run_columns():
        op.add_column("runs", column)
    op.create_index("ix_runs_state_priority", "runs", ["state", "priority"])
    op.add_column("models", sa.Column("content_hash", sa.String(), nullable=False, server_default=""))
    op.add_column("models", sa.Column("lineage", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "triggers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("every_preferences", sa.Integer(), nullable=True),
        sa.Column("every_seconds", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("seen_event", sa.Integer(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_triggers_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
        sa.UniqueConstraint("name", name=op.f("uq_triggers_name")),
    )


def downgrade() -> None:
    """Undo the change; triggers are lost."""
    op.drop_table("triggers")
    op.drop_column("models", "lineage")
    op.drop_column("models", "content_hash")
    op.drop_index("ix_runs_state_priority", "runs")
    for column in reversed(_run_columns()):
        op.drop_column("runs", column.name)


def _run_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("resources", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("limits", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("launcher", sa.String(), nullable=False, server_default="local"),
        sa.Column("job", sa.String(), nullable=False, server_default=""),
        sa.Column("host", sa.String(), nullable=False, server_default=""),
        sa.Column("trigger", sa.String(), nullable=False, server_default="hand"),
        sa.Column("starts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spent_seconds", sa.Double(), nullable=False, server_default="0"),
    ]
