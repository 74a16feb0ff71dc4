"""Plain names for the counts of matches and for the closing date whose expiry was announced."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("match_tally", "match_counts")
    _rename_column("expiry_told", "expiry_announced_for")


def downgrade() -> None:
    _rename_column("expiry_announced_for", "expiry_told")
    op.rename_table("match_counts", "match_tally")


def _rename_column(old: str, new: str) -> None:
    """In plain SQL: for SQLite, Alembic would copy the whole table."""
    op.execute(f"ALTER TABLE opening RENAME COLUMN {old} TO {new}")
