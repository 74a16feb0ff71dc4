"""How many codes of a second step were wrong, and since when they are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_second_step", sa.Column("misses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("member_second_step", sa.Column("misses_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("member_second_step", "misses_since")
    op.drop_column("member_second_step", "misses")
