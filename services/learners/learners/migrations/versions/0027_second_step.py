"""The second step at sign-in: authenticators, recovery codes, and browsers between the two steps."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "member_second_step",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("member_id"),
    )
    op.create_table(
        "member_recovery_code",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_member_recovery_code_member_id", "member_recovery_code", ["member_id"])
    op.create_table(
        "member_half_sign_in",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_member_half_sign_in_member_id", "member_half_sign_in", ["member_id"])
    op.create_index("member_half_sign_in_until", "member_half_sign_in", ["until"])


def downgrade() -> None:
    for table in ("member_half_sign_in", "member_recovery_code", "member_second_step"):
        op.drop_table(table)
