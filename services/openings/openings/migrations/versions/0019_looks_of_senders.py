"""Senders of webhooks find by indexes what there is to do."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("webhook") as table:
        table.add_column(sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("webhook_look", ["look_at"])
    with op.batch_alter_table("feed_head") as table:
        table.add_column(sa.Column("moved", sa.BigInteger(), nullable=False, server_default="0"))
        table.create_index("feed_head_moved", ["moved"])


def downgrade() -> None:
    with op.batch_alter_table("feed_head") as table:
        table.drop_index("feed_head_moved")
        table.drop_column("moved")
    with op.batch_alter_table("webhook") as table:
        table.drop_index("webhook_look")
        table.drop_column("look_at")
