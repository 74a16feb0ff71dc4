"""The pathways of each learner, as the matching service publishes them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway",
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("learner_id", "region"),
    )
    op.create_table(
        "pathway_credential",
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("unlocked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("learner_id", "region", "credential"),
    )
    op.create_index(op.f("ix_pathway_credential_credential"), "pathway_credential", ["credential"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_pathway_credential_credential"), table_name="pathway_credential")
    op.drop_table("pathway_credential")
    op.drop_table("pathway")
