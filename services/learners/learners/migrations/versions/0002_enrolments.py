"""Awards know the cohort whose seat they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("award", sa.Column("cohort_id", sa.String(), nullable=True))
    op.create_index(op.f("ix_award_cohort_id"), "award", ["cohort_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_award_cohort_id"), table_name="award")
    op.drop_column("award", "cohort_id")
