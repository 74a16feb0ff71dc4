"""When matches and pathways ended, so that they need not be kept for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, index, ended in (
        ("candidate_match", "candidate_match_ended", sa.text("NOT live")),
        ("pathway", "pathway_ended", sa.text("as_of IS NULL")),
    ):
        op.add_column(table, sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        op.create_index(index, table, ["ended_at"], sqlite_where=ended, postgresql_where=ended)


def downgrade() -> None:
    for table, index in (("candidate_match", "candidate_match_ended"), ("pathway", "pathway_ended")):
        op.drop_index(index, table_name=table)
        op.drop_column(table, "ended_at")
