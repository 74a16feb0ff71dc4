"""Daily history, and the indicators that are drawn from it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cell_day",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("demand", sa.BigInteger(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("employers", sa.Integer(), nullable=False),
        sa.Column("supply", sa.Integer(), nullable=True),
        sa.Column("pipeline", sa.Integer(), nullable=True),
        sa.Column("blocked", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("region", "day", "subject"),
    )
    op.create_index("cell_day_partition", "cell_day", ["partition", "day"], unique=False)
    op.create_table(
        "opening_life",
        sa.Column("opening_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("positions", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=True),
        sa.Column("wage", sa.Integer(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("filled_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("opening_id"),
    )
    op.create_index("opening_life_partition", "opening_life", ["partition"], unique=False)
    op.create_index("opening_life_region", "opening_life", ["region"], unique=False)
    op.create_table(
        "cell_indicators",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "subject"),
    )


def downgrade() -> None:
    op.drop_table("cell_indicators")
    op.drop_index("opening_life_region", table_name="opening_life")
    op.drop_index("opening_life_partition", table_name="opening_life")
    op.drop_table("opening_life")
    op.drop_index("cell_day_partition", table_name="cell_day")
    op.drop_table("cell_day")
