"""Mail: whoever was asked can decline although the recipient is deleted, and a message may tell several stretches of the feed."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_invitation") as table:
        table.add_column(sa.Column("unsubscribe_digest", sa.String(), nullable=True))
        table.create_index("ix_mail_invitation_unsubscribe_digest", ["unsubscribe_digest"])
    with op.batch_alter_table("mail_message") as table:
        table.add_column(sa.Column("earlier", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("mail_message") as table:
        table.drop_column("earlier")
    with op.batch_alter_table("mail_invitation") as table:
        table.drop_index("ix_mail_invitation_unsubscribe_digest")
        table.drop_column("unsubscribe_digest")
