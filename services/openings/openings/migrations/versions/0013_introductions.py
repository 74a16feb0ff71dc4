"""Introductions that employers ask for, and the answers to them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "introduction",
        sa.Column("introduction_id", sa.String(), nullable=False),
        sa.Column("opening_id", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("job", sa.JSON(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("access_digest", sa.String(), nullable=True),
        sa.Column("access_expires_at", _TIME, nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.opening_id"]),
        sa.PrimaryKeyConstraint("introduction_id"),
    )
    op.create_index("introduction_of_pair", "introduction", ["opening_id", "learner_id"])
    op.create_index("introduction_of_employer", "introduction", ["employer_id", "introduction_id"])
    op.create_index("introduction_ended", "introduction", ["ended_at"])
    op.create_table(
        "introduction_answer",
        sa.Column("introduction_id", sa.String(), nullable=False),
        sa.Column("opening_id", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("provider_name", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", _TIME, nullable=False),
        sa.Column("hire", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("introduction_id"),
    )


def downgrade() -> None:
    for table in ("introduction_answer", "introduction"):
        op.drop_table(table)
