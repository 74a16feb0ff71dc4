"""The feed: what has changed for each employer, how far it is numbered, and which ends were announced in advance."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
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
    op.create_table(
        "ending_notice",
        sa.Column("opening_id", sa.String(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.opening_id"]),
        sa.PrimaryKeyConstraint("opening_id", "closes_on", "days"),
    )


def downgrade() -> None:
    for table in ("ending_notice", "feed_progress", "feed_head", "feed_entry"):
        op.drop_table(table)
