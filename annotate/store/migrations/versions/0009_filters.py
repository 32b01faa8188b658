"""Find pairs by language, verdict and disagreement."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index(op.f("ix_questions_language"), "questions", ["language"])
    op.create_index("ix_preferences_verdict_pair_id", "preferences", ["verdict", "pair_id"])
    op.create_index(op.f("ix_preferences_uncertainty"), "preferences", ["uncertainty"])


def downgrade() -> None:
    """Undo the change."""
    op.drop_index(op.f("ix_preferences_uncertainty"), "preferences")
    op.drop_index("ix_preferences_verdict_pair_id", "preferences")
    op.drop_index(op.f("ix_questions_language"), "questions")
