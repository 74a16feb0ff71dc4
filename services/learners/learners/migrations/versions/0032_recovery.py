"""Links to a new password, and the letters that bring them."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "member_recovery",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_member_recovery_member_id", "member_recovery", ["member_id"])
    op.create_index("member_recovery_until", "member_recovery", ["until"])
    op.create_table(
        "member_letter",
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("address_key"),
    )
    op.create_index("member_letter_next", "member_letter", ["next_at"])


def downgrade() -> None:
    op.drop_table("member_letter")
    op.drop_table("member_recovery")
