"""Learners who were merged into others."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("erased_learner", sa.Column("merged_into", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("erased_learner", "merged_into")
