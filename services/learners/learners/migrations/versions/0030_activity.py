"""Who did what in an organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("activity_organisation", "activity", ["organisation_id", "id"])
    op.create_index("activity_action", "activity", ["organisation_id", "action", "id"])
    op.create_index("activity_actor", "activity", ["organisation_id", "actor", "id"])
    op.create_index("activity_subject", "activity", ["organisation_id", "subject", "id"])
    op.create_index("activity_at", "activity", ["at"])


def downgrade() -> None:
    op.drop_table("activity")
