"""How many learners openings reach, and the previews of drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reach",
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("subject_id"),
    )
    op.create_index("reach_ended", "reach", ["ended_at"])
    op.create_table(
        "draft",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("preview_id", sa.String(), nullable=True),
        sa.Column("state", sa.JSON(), nullable=True),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("draft_id"),
    )
    op.create_index("draft_of_employer", "draft", ["employer_id"])
    op.create_index("draft_waiting", "draft", ["preview_id"])
    op.create_table(
        "preview",
        sa.Column("preview_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reach", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("preview_id"),
    )
    op.create_index("preview_of_employer", "preview", ["employer_id", "asked_at"])
    op.create_index("preview_asked", "preview", ["asked_at"])


def downgrade() -> None:
    for table in ("preview", "draft", "reach"):
        op.drop_table(table)
