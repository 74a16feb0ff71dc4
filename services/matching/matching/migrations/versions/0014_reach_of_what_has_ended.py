"""What was counted for of an opening, so that new terms are counted for a few times a day, and the floor below which the reach of
openings that have ended is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reach", sa.Column("terms", sa.String(), nullable=True))
    op.add_column("reach", sa.Column("day", sa.Date(), nullable=True))
    op.add_column("reach", sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))
    ended = sa.text("digest IS NULL")
    op.create_index("reach_ended", "reach", ["region"], unique=False, sqlite_where=ended, postgresql_where=ended)
    op.add_column("market_region", sa.Column("reach_floor", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("market_region", "reach_floor")
    op.drop_index("reach_ended", table_name="reach")
    for name in ("changes", "day", "terms"):
        op.drop_column("reach", name)
