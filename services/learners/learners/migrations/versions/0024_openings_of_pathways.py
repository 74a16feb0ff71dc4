"""The openings that a credential of a pathway would unlock. Null: the list was told before openings were named."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pathway_credential", sa.Column("openings", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("pathway_credential", "openings")
