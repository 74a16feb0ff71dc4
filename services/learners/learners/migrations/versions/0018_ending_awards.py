"""Which ends of awards were announced in advance, and an index that finds the next of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("award_ending", "award", ["status", "expires_on"])
    op.create_table(
        "ending_award_notice",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.award_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("award_id", "expires_on", "days"),
    )


def downgrade() -> None:
    op.drop_table("ending_award_notice")
    op.drop_index("award_ending", table_name="award")
