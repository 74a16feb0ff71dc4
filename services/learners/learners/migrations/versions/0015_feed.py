"""The feed: what has changed for each provider, how far it is numbered, and which providers are concerned by which region."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_feed()
    _create_regions()
    op.execute(
        "INSERT INTO provider_region (region, provider_id) "
        "SELECT region, provider_id FROM learner WHERE region <> '' UNION SELECT region, provider_id FROM cohort"
    )


def downgrade() -> None:
    for table in ("feed_region", "provider_region", "feed_progress", "feed_head", "feed_entry"):
        op.drop_table(table)


def _create_feed() -> None:
    op.create_table(
        "feed_entry",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("feed_position", "feed_entry", ["organisation_id", "position"], unique=True)
    op.create_index("feed_subject", "feed_entry", ["organisation_id", "subject"])
    op.create_index("feed_recorded", "feed_entry", ["recorded_at"])
    unnumbered = sa.text("position IS NULL")
    op.create_index("feed_unnumbered", "feed_entry", ["id"], sqlite_where=unnumbered, postgresql_where=unnumbered)
    op.create_table(
        "feed_head",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("organisation_id"),
    )
    op.create_table(
        "feed_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complete_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("floor", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_regions() -> None:
    op.create_table(
        "provider_region",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("region", "provider_id"),
    )
    op.create_index("ix_provider_region_provider_id", "provider_region", ["provider_id"])
    op.create_table("feed_region", sa.Column("region", sa.String(), nullable=False), sa.PrimaryKeyConstraint("region"))
