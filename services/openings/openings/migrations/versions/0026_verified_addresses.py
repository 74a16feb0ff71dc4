"""Addresses of members that are verified, and the letters that bring links to them."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _make_claims()
    _make_letters()
    op.add_column("member_invitation", sa.Column("letter_id", sa.String(), nullable=True))
    op.add_column("member", sa.Column("verified_at", _TIME, nullable=True))


def downgrade() -> None:
    op.drop_column("member", "verified_at")
    op.drop_column("member_invitation", "letter_id")
    op.drop_table("member_mail")
    op.drop_table("member_address_claim")


def _make_claims() -> None:
    op.create_table(
        "member_address_claim",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("member_address_claim_member", "member_address_claim", ["member_id"], unique=True)
    op.create_index("member_address_claim_until", "member_address_claim", ["until"])


def _make_letters() -> None:
    op.create_table(
        "member_mail",
        sa.Column("letter_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id"),
    )
    op.create_index("member_mail_next", "member_mail", ["next_at"])
    op.create_index("member_mail_until", "member_mail", ["until"])
    op.create_index("member_mail_organisation", "member_mail", ["organisation_id", "made_at"])
