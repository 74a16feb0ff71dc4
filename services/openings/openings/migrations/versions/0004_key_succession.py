"""Which key a key replaces, and idempotency answers found by their age."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("replaces", sa.String(), nullable=True))
    op.create_index("ix_api_key_replaces", "api_key", ["replaces"], unique=True)
    op.create_index("idempotency_created_at", "idempotency", ["created_at"])


def downgrade() -> None:
    op.drop_index("idempotency_created_at", table_name="idempotency")
    op.drop_index("ix_api_key_replaces", table_name="api_key")
    op.drop_column("api_key", "replaces")
