"""A plain name for the counts of signals."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("signal_tally", "signal_counts")


def downgrade() -> None:
    op.rename_table("signal_counts", "signal_tally")
