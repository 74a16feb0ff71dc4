"""The regions, and above what versions go on, so that rows of what has ended need not be kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

REMEMBERED = ("market_subject", "match", "cell", "pathway", "cell_day", "opening_life")


def upgrade() -> None:
    op.create_table(
        "market_region",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("match_floor", sa.BigInteger(), nullable=False),
        sa.Column("pathway_floor", sa.BigInteger(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region"),
    )
    op.create_index("market_region_partition", "market_region", ["partition"])
    op.create_index("market_region_drawn", "market_region", ["drawn_at"])
    tables = [sa.table(name, sa.column("region"), sa.column("partition")) for name in REMEMBERED]
    told = sa.union(*(sa.select(table.c.region, table.c.partition) for table in tables)).subquery()
    found = sa.select(told.c.region, sa.func.min(told.c.partition), sa.literal(0), sa.literal(0)).group_by(told.c.region)
    kept = [sa.column(name) for name in ("region", "partition", "match_floor", "pathway_floor")]
    op.execute(sa.insert(sa.table("market_region", *kept)).from_select([each.name for each in kept], found))
    op.add_column("match", sa.Column("ended_on", sa.Date(), nullable=True))
    ended, over = sa.text("NOT live"), sa.text("digest IS NULL")
    op.create_index("match_ended", "match", ["ended_on"], sqlite_where=ended, postgresql_where=ended)
    op.create_index("pathway_ended", "pathway", ["region"], sqlite_where=over, postgresql_where=over)


def downgrade() -> None:
    op.drop_index("pathway_ended", table_name="pathway")
    op.drop_index("match_ended", table_name="match")
    op.drop_column("match", "ended_on")
    op.drop_table("market_region")
