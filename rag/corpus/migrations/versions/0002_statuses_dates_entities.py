"""Store what became of each document, what its chunks mention, and answers made ahead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    # Column by column: a table that is copied and dropped would take its chunks with it.
    for column in (
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False, server_default="indexed"),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False, server_default="0"),
        sa.Column("duplicate_of", sa.String(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("documents", column)
    op.create_index(op.f("ix_documents_status"), "documents", ["status"])
    op.add_column("chunks", sa.Column("language", sa.String(), nullable=False, server_default="en"))
    op.add_column("chunks", sa.Column("keywords", sa.JSON(), nullable=False, server_default="[]"))
    _create_entities()
    _create_precomputed_answers()


def _create_entities() -> None:
    op.create_table(
        "entities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entities")),
        sa.UniqueConstraint("name", "kind", name=op.f("uq_entities_name")),
    )
    op.create_table(
        "mentions",
        sa.Column("chunk_id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["chunks.id"], name=op.f("fk_mentions_chunk_id_chunks"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_mentions_entity_id_entities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chunk_id", "entity_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_entity_id"), "mentions", ["entity_id"])


def _create_precomputed_answers() -> None:
    op.create_table(
        "precomputed_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("index_version", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("normalised", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_precomputed_answers")),
        sa.UniqueConstraint("scope", "normalised", name=op.f("uq_precomputed_answers_scope")),
    )
    op.create_index(op.f("ix_precomputed_answers_scope"), "precomputed_answers", ["scope"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("precomputed_answers")
    op.drop_table("mentions")
    op.drop_table("entities")
    op.drop_column("chunks", "keywords")
    op.drop_column("chunks", "language")
    op.drop_index(op.f("ix_documents_status"), "documents")
    for column in ("signature", "duplicate_of", "kept", "reason", "status", "published"):
        op.drop_column("documents", column)
