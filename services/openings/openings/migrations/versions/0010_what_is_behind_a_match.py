"""What is behind a match and its end: the awards that the groups name, the gate that fails, and the groups that are unmet."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shortlist_entry") as table:
        table.add_column(sa.Column("awards", sa.JSON(), nullable=True))
        table.add_column(sa.Column("gate", sa.String(), nullable=True))
        table.add_column(sa.Column("unmet", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("shortlist_entry") as table:
        for name in ("unmet", "gate", "awards"):
            table.drop_column(name)
