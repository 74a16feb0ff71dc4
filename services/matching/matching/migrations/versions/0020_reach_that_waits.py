"""An index of the openings whose terms changed as often as a day allows, so that operators see whose counts wait."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    often = sa.text("changes >= 10")
    op.create_index("reach_often_changed", "reach", ["day"], unique=False, sqlite_where=often, postgresql_where=often)


def downgrade() -> None:
    op.drop_index("reach_often_changed", table_name="reach")
