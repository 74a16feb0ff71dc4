"""The past of shortage cells, and what is known of it so far: the newest signal of each."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal_day",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("demand", sa.BigInteger(), nullable=False),
        sa.Column("supply", sa.Integer(), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("tightness", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "subject", "day"),
    )
    op.create_index("signal_day_day", "signal_day", ["day"])
    op.execute(
        "INSERT INTO signal_day (region, subject, day, version, level, demand, supply, pipeline, blocked, tightness) "
        "SELECT region, subject, day, version, level, demand, supply, pipeline, blocked, tightness FROM signal"
    )


def downgrade() -> None:
    op.drop_table("signal_day")
