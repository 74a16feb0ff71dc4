"""Why accreditations ended, and those for one issuer found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accreditation", sa.Column("reason", sa.String(), nullable=True))
    op.create_index("ix_accreditation_issuer_key", "accreditation", ["issuer_key"])


def downgrade() -> None:
    op.drop_index("ix_accreditation_issuer_key", "accreditation")
    op.drop_column("accreditation", "reason")
