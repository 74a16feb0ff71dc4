"""What stands still until an operator resumes it, and what was tried and decided about dead letters."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "halt",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "partition", "topic"),
    )
    with op.batch_alter_table("dead_letter") as table:
        table.add_column(sa.Column("note", sa.String(), nullable=True))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("replay_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("dead_letter") as table:
        for name in ("replay_at", "attempted_at", "attempts", "note"):
            table.drop_column(name)
    op.drop_table("halt")
