"""Count work day by day; keep requests for documents, figures and places on the map; tune the indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from annotate.store.work import count_work, stop_counting

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("assessors") as batch_op:
        batch_op.drop_constraint(op.f("ck_assessors_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_assessors_kind"), "kind in ('person', 'machine', 'asker')")
    op.add_column("cluster_members", sa.Column("x", sa.Double(), nullable=True))
    op.add_column("cluster_members", sa.Column("y", sa.Double(), nullable=True))
    _make_requests()
    _make_figures()
    _make_work()
    _tune()


def downgrade() -> None:
    """Undo the change; askers become machines that get no tasks."""
    op.create_index(op.f("ix_judgements_assignment_id"), "judgements", ["assignment_id"])
    op.create_index(op.f("ix_assignments_task_id"), "assignments", ["task_id"])
    op.create_index(op.f("ix_assignments_assessor_id"), "assignments", ["assessor_id"])
    op.drop_index("ix_assignments_latest", "assignments")
    op.drop_index("ix_assignments_flagged", "assignments")
    op.drop_index("ix_tasks_with_labels", "tasks")
    stop_counting(op.get_bind())
    op.drop_table("work_days")
    op.drop_table("figures")
    op.drop_table("document_requests")
    with op.batch_alter_table("cluster_members") as batch_op:
        batch_op.drop_column("y")
        batch_op.drop_column("x")
    op.execute("UPDATE assessors SET kind = 'machine', state = 'banned' WHERE kind = 'asker'")
    with op.batch_alter_table("assessors") as batch_op:
        batch_op.drop_constraint(op.f("ck_assessors_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_assessors_kind"), "kind in ('person', 'machine')")


def _make_requests() -> None:
    op.create_table(
        "document_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_requests")),
    )
    op.create_index("ix_document_requests_state_id", "document_requests", ["state", "id"])


def _make_figures() -> None:
    op.create_table(
        "figures",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("stamp", sa.JSON(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_figures")),
    )


def _make_work() -> None:
    op.create_table(
        "work_days",
        sa.Column("assessor_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("judgements", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("active_seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessor_id"], ["assessors.id"], name=op.f("fk_work_days_assessor_id_assessors")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_work_days_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint(
            "assessor_id", "day", "campaign_id", "pool", "language", name=op.f("pk_work_days")
        ),
    )
    count_work(op.get_bind())


def _tune() -> None:
    """Index what is counted and what was given last; drop indexes that a unique one contains."""
    labelled, flagged = sa.text("people_places > 0"), sa.text("flagged")
    op.create_index(
        "ix_tasks_with_labels",
        "tasks",
        ["campaign_id", "pool", "people_places"],
        postgresql_where=labelled,
        sqlite_where=labelled,
    )
    op.create_index(
        "ix_assignments_flagged",
        "assignments",
        ["task_id"],
        postgresql_where=flagged,
        sqlite_where=sa.text("flagged = 1"),
    )
    op.create_index("ix_assignments_latest", "assignments", ["assessor_id", "id"])
    op.drop_index(op.f("ix_assignments_assessor_id"), "assignments")
    op.drop_index(op.f("ix_assignments_task_id"), "assignments")
    op.drop_index(op.f("ix_judgements_assignment_id"), "judgements")
