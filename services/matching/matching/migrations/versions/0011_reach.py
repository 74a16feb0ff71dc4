"""The drafts that employers ask about, and the reach last published of openings and drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("cause", sa.JSON(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("region", "draft_id"),
    )
    waiting = sa.text("waits")
    op.create_index("draft_waits", "draft", ["partition"], unique=False, sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "reach",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("region", "subject_id"),
    )
    op.create_index("reach_partition", "reach", ["partition"], unique=False)


def downgrade() -> None:
    op.drop_index("reach_partition", table_name="reach")
    op.drop_table("reach")
    op.drop_index("draft_waits", table_name="draft")
    op.drop_table("draft")
