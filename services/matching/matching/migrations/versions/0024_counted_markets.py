"""What each market has is counted in indexes alone, without reading documents of what is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

#: The condition is written as each kind of database writes what is asked.
_INDEXES = {
    "market_subject_live": ("market_subject", ["region", "kind"], "ending IS NULL", "ending IS NULL"),
    "match_live": ("match", ["region"], "live = 1", "live"),
    "cell_with_level": ("cell", ["region"], "level <> 'insufficient_data'", "level <> 'insufficient_data'"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_beside_consumers()
        return
    for name, (table, columns, condition, _) in _INDEXES.items():
        op.create_index(name, table, columns, sqlite_where=sa.text(condition))


def _upgrade_beside_consumers() -> None:
    """Markets change while the indexes are made. They can be made again, in case the migration is stopped."""
    with op.get_context().autocommit_block():
        for name, (table, columns, _, condition) in _INDEXES.items():
            op.execute(sa.text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
            op.execute(sa.text(f"CREATE INDEX CONCURRENTLY {name} ON {table} ({', '.join(columns)}) WHERE {condition}"))


def downgrade() -> None:
    for name, (table, *_) in _INDEXES.items():
        op.drop_index(name, table)
