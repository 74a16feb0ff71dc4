"""Attempts at webhooks have numbers, so that none is in the log twice, and may be of unknown outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_beside_senders()
        return
    with op.batch_alter_table("webhook_attempt") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=True))
        table.alter_column("duration_ms", existing_type=sa.Integer(), nullable=True)
        table.drop_index("ix_webhook_attempt_delivery_id")
        table.create_index("webhook_attempt_number", ["delivery_id", "number"], unique=True)


def _upgrade_beside_senders() -> None:
    """Senders write attempts while the index is made. Each step can be taken again, in case the migration is stopped."""
    op.execute("ALTER TABLE webhook_attempt ADD COLUMN IF NOT EXISTS number INTEGER, ALTER COLUMN duration_ms DROP NOT NULL")
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS webhook_attempt_number")
        op.execute("CREATE UNIQUE INDEX CONCURRENTLY webhook_attempt_number ON webhook_attempt (delivery_id, number)")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_webhook_attempt_delivery_id")


def downgrade() -> None:
    op.execute("UPDATE webhook_attempt SET duration_ms = 0 WHERE duration_ms IS NULL")
    with op.batch_alter_table("webhook_attempt") as table:
        table.drop_index("webhook_attempt_number")
        table.create_index("ix_webhook_attempt_delivery_id", ["delivery_id"])
        table.alter_column("duration_ms", existing_type=sa.Integer(), nullable=False)
        table.drop_column("number")
