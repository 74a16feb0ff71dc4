"""New fields of signals by version 2 of the market rules: the largest employer's share, and the level once training has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("signal") as table:
        table.add_column(sa.Column("employer_share", sa.Integer(), nullable=True))
        table.add_column(sa.Column("tightness_ahead", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("level_ahead", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("signal") as table:
        for name in ("level_ahead", "tightness_ahead", "employer_share"):
            table.drop_column(name)
