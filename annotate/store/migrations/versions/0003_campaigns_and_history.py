"""Open campaigns, pools and a protected history; take the tasks of one ledger into the first campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from annotate.store.history import protect, unprotect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TASK_INDEXES = {
    "ix_tasks_for_people": ["open_to_people"],
    "ix_tasks_for_machines": ["open_to_machines"],
    "ix_tasks_by_language": ["open_to_people", "language"],
    "ix_tasks_by_cluster": ["open_to_people", "cluster"],
}


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'paused', 'closed')", name=op.f("ck_campaigns_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.execute(
        "INSERT INTO campaigns (id, name, state, rules, seed, created_at) "
        "VALUES (1, 'default', 'open', '{}', 0, CURRENT_TIMESTAMP)"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('campaigns', 'id'), 1)")
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("assessor_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessor_id"], ["assessors.id"], name=op.f("fk_events_assessor_id_assessors")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_events_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_events_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_kind_assessor_id", "events", ["kind", "assessor_id"])
    op.create_index(op.f("ix_events_task_id"), "events", ["task_id"])

    _widen_assessors()
    _widen_judgements()
    _widen_tasks()
    for table in ("judgements", "events"):
        protect(op.get_bind(), table)


def _widen_assessors() -> None:
    with op.batch_alter_table("assessors") as batch_op:
        batch_op.add_column(sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("daily_limit", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reliability", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("state_reason", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE assessors SET state = 'paused', state_reason = 'set by hand' WHERE NOT active")
    with op.batch_alter_table("assessors") as batch_op:
        batch_op.drop_column("active")


def _widen_judgements() -> None:
    op.add_column("assignments", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_assignments_of_assessor", "assignments", ["assessor_id", "state", "reserved_at"])
    op.add_column("judgements", sa.Column("spans", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("judgements", sa.Column("active_seconds", sa.Double(), nullable=False, server_default="0"))
    op.add_column("preferences", sa.Column("method", sa.String(), nullable=False, server_default=""))
    op.add_column("preferences", sa.Column("uncertainty", sa.Double(), nullable=False, server_default="0"))
    op.add_column("preferences", sa.Column("lineage", sa.JSON(), nullable=False, server_default="{}"))


def _widen_tasks() -> None:
    with op.batch_alter_table("tasks") as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("pool", sa.String(), nullable=False, server_default="main"))
        batch_op.add_column(sa.Column("known", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("language", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("cluster", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("max_overlap", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("people_places", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("machine_places", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("open_to_people", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(
            sa.Column("open_to_machines", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(
            sa.Column("rank", sa.Double(), sa.Computed("-priority", persisted=True), nullable=False)
        )
        batch_op.create_check_constraint(
            op.f("ck_tasks_pool"), "pool in ('main', 'gold', 'training', 'exam')"
        )
        batch_op.create_foreign_key(
            op.f("fk_tasks_campaign_id_campaigns"), "campaigns", ["campaign_id"], ["id"]
        )
    for name, columns in TASK_INDEXES.items():
        op.create_index(name, "tasks", ["campaign_id", "pool", *columns, "rank", "id"])
    _fill_tasks()


def _fill_tasks() -> None:
    op.execute(
        """
        UPDATE tasks SET max_overlap = overlap,
            people_places = (SELECT count(*) FROM assignments JOIN assessors
                ON assessors.id = assignments.assessor_id WHERE assignments.task_id = tasks.id
                AND assignments.state IN ('reserved', 'submitted') AND assessors.kind = 'person'),
            machine_places = (SELECT count(*) FROM assignments JOIN assessors
                ON assessors.id = assignments.assessor_id WHERE assignments.task_id = tasks.id
                AND assignments.state IN ('reserved', 'submitted') AND assessors.kind = 'machine'),
            language = (SELECT questions.language FROM pairs JOIN questions
                ON questions.id = pairs.question_id WHERE pairs.id = tasks.pair_id)
        """
    )
    op.execute(
        "UPDATE tasks SET open_to_people = people_places < overlap, "
        "open_to_machines = machine_places < overlap"
    )


def downgrade() -> None:
    """Take the change back."""
    for table in ("judgements", "events"):
        unprotect(op.get_bind(), table)
    op.drop_index("ix_assignments_of_assessor", "assignments")
    for name in TASK_INDEXES:
        op.drop_index(name, "tasks")
    with op.batch_alter_table("tasks") as batch_op:
        batch_op.drop_constraint(op.f("fk_tasks_campaign_id_campaigns"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_tasks_pool"), type_="check")
        for column in (
            "rank", "open_to_machines", "open_to_people", "machine_places", "people_places",
            "max_overlap", "cluster", "language", "known", "pool", "campaign_id",
        ):  # fmt: skip
            batch_op.drop_column(column)
    for column in ("lineage", "uncertainty", "method"):
        op.drop_column("preferences", column)
    op.drop_column("judgements", "active_seconds")
    op.drop_column("judgements", "spans")
    op.drop_column("assignments", "version")
    with op.batch_alter_table("assessors") as batch_op:
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE assessors SET active = (state = 'active')")
    with op.batch_alter_table("assessors") as batch_op:
        for column in ("state_reason", "state", "reliability", "daily_limit", "skills"):
            batch_op.drop_column(column)
    op.drop_table("events")
    op.drop_table("campaigns")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
