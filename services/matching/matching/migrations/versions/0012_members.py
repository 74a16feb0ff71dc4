"""People who sign in as operators."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("member_id"),
    )
    op.create_index("member_address", "member", ["address_key"], unique=True)
    op.create_index("ix_member_organisation_id", "member", ["organisation_id"])
    op.create_table(
        "member_invitation",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("member_invitation_address", "member_invitation", ["organisation_id", "address_key"], unique=True)
    op.create_index("member_invitation_until", "member_invitation", ["until"])
    op.create_table(
        "member_session",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_member_session_member_id", "member_session", ["member_id"])
    op.create_index("member_session_seen", "member_session", ["seen_at"])
    op.create_table(
        "sign_in_misses",
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("whom"),
    )
    op.create_index("sign_in_misses_since", "sign_in_misses", ["since"])


def downgrade() -> None:
    for table in ("sign_in_misses", "member_session", "member_invitation", "member"):
        op.drop_table(table)
