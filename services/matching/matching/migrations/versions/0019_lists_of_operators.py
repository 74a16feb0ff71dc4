"""Operators' lists are found by indexes."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("dead_letter_status", "dead_letter", ["status", "id"])


def downgrade() -> None:
    op.drop_index("dead_letter_status", "dead_letter")
