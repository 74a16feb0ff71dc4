"""Mail: the people whom the feed is told to, their messages, and what is known of the mail server."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_recipients()
    _create_messages()
    op.create_table(
        "mail_invitation",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("address_digest", sa.String(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("mail_invitation_whom", "mail_invitation", ["organisation_id", "address_digest"])
    op.create_table(
        "mail_server",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_recipients() -> None:
    op.create_table(
        "mail_recipient",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("cadences", sa.JSON(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("has_immediate", sa.Boolean(), nullable=False),
        sa.Column("immediate_cursor", sa.BigInteger(), nullable=False),
        sa.Column("daily_cursor", sa.BigInteger(), nullable=False),
        sa.Column("weekly_cursor", sa.BigInteger(), nullable=False),
        sa.Column("immediate_at", _TIME, nullable=True),
        sa.Column("daily_at", _TIME, nullable=True),
        sa.Column("weekly_at", _TIME, nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", _TIME, nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_error_at", _TIME, nullable=True),
        sa.Column("unsubscribe_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("unsubscribe_digest", sa.String(), nullable=False),
        sa.Column("confirm_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirm_digest", sa.String(), nullable=True),
        sa.Column("confirm_until", _TIME, nullable=True),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("mail_recipient_address", "mail_recipient", ["organisation_id", "address_key"], unique=True)
    for name in ("state", "unsubscribe_digest", "confirm_digest"):
        op.create_index(f"ix_mail_recipient_{name}", "mail_recipient", [name])


def _create_messages() -> None:
    op.create_table(
        "mail_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=True),
        sa.Column("upto", sa.BigInteger(), nullable=True),
        sa.Column("cadences", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("mail_message_created", "mail_message", ["recipient_id", "created_at", "id"])
    op.create_index("mail_message_finished", "mail_message", ["finished_at"])
    pending = sa.text("state = 'pending'")
    op.create_index(
        "mail_message_pending",
        "mail_message",
        ["recipient_id", "next_at"],
        sqlite_where=pending,
        postgresql_where=pending,
    )


def downgrade() -> None:
    for table in ("mail_server", "mail_invitation", "mail_message", "mail_recipient"):
        op.drop_table(table)
