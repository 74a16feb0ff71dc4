"""What was: replaced states of subjects, definitions and matches, and the rules that markets went by."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_moments()
    _make_subjects()
    _make_matches()
    _make_rules()


def downgrade() -> None:
    for table in ("rules_past", "catalog_past", "match_past", "subject_past"):
        op.drop_table(table)
    op.drop_column("catalog_entry", "written")
    for name in ("applied_at", "catalog_offset", "learner_version"):
        op.drop_column("match", name)
    for name in ("applied_at", "happened_at", "event_id"):
        op.drop_column("market_subject", name)


def _add_moments() -> None:
    op.add_column("market_subject", sa.Column("event_id", sa.String(), nullable=True))
    op.add_column("market_subject", sa.Column("happened_at", _TIME, nullable=True))
    op.add_column("market_subject", sa.Column("applied_at", _TIME, nullable=True))
    op.add_column("match", sa.Column("learner_version", sa.BigInteger(), nullable=True))
    op.add_column("match", sa.Column("catalog_offset", sa.BigInteger(), nullable=True))
    op.add_column("match", sa.Column("applied_at", _TIME, nullable=True))
    op.add_column("catalog_entry", sa.Column("written", sa.BigInteger(), nullable=True))


def _make_subjects() -> None:
    op.create_table(
        "subject_past",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ending", sa.String(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("happened_at", _TIME, nullable=True),
        sa.Column("applied_at", _TIME, nullable=True),
        sa.Column("superseded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", "region", "version"),
    )
    op.create_index("subject_past_superseded", "subject_past", ["superseded_at"])


def _make_matches() -> None:
    op.create_table(
        "match_past",
        sa.Column("opening_id", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("learner_version", sa.BigInteger(), nullable=True),
        sa.Column("catalog_offset", sa.BigInteger(), nullable=True),
        sa.Column("applied_at", _TIME, nullable=True),
        sa.Column("superseded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("opening_id", "learner_id", "version"),
    )
    op.create_index("match_past_learner", "match_past", ["learner_id"])
    op.create_index("match_past_superseded", "match_past", ["superseded_at"])


def _make_rules() -> None:
    op.create_table(
        "catalog_past",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=True),
        sa.Column("replaced", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("superseded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject", "version"),
    )
    op.create_index("catalog_past_replaced", "catalog_past", ["replaced"])
    op.create_index("catalog_past_superseded", "catalog_past", ["superseded_at"])
    op.create_table(
        "rules_past",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("catalog_offset", sa.BigInteger(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "at"),
    )
