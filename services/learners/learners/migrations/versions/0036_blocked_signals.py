"""What is most blocked in many regions is found without reading every signal of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_NAME, _COLUMNS = "signal_blocked", ("region", "level", "blocked", "subject")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_beside_consumers()
        return
    op.create_index(_NAME, "signal", list(_COLUMNS))


def _upgrade_beside_consumers() -> None:
    """Signals arrive while the index is made. It can be made again, in case the migration is stopped."""
    with op.get_context().autocommit_block():
        op.execute(sa.text(f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}"))
        op.execute(sa.text(f"CREATE INDEX CONCURRENTLY {_NAME} ON signal ({', '.join(_COLUMNS)})"))


def downgrade() -> None:
    op.drop_index(_NAME, "signal")
