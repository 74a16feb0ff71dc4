"""Attempts at webhooks have numbers, so that none is in the log twice, and may be of unknown outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("webhook_attempt") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=True))
        table.alter_column("duration_ms", existing_type=sa.Integer(), nullable=True)
        table.drop_index("ix_webhook_attempt_delivery_id")
        table.create_index("webhook_attempt_number", ["delivery_id", "number"], unique=True)


def downgrade() -> None:
    op.execute("UPDATE webhook_attempt SET duration_ms = 0 WHERE duration_ms IS NULL")
    with op.batch_alter_table("webhook_attempt") as table:
        table.drop_index("webhook_attempt_number")
        table.create_index("ix_webhook_attempt_delivery_id", ["delivery_id"])
        table.alter_column("duration_ms", existing_type=sa.Integer(), nullable=False)
        table.drop_column("number")
