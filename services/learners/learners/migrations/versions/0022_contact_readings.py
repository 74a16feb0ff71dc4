"""Readings of a contact within an hour are one record, with the last and how many there were."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contact_reading") as table:
        table.add_column(sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("times", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE contact_reading SET last_at = at")
    with op.batch_alter_table("contact_reading") as table:
        table.alter_column("last_at", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("contact_reading") as table:
        table.drop_column("times")
        table.drop_column("last_at")
