"""The pathways last published for each learner."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("region", "learner_id"),
    )
    op.create_index("pathway_partition", "pathway", ["partition"], unique=False)


def downgrade() -> None:
    op.drop_index("pathway_partition", table_name="pathway")
    op.drop_table("pathway")
