"""Introductions: what employers ask, what providers and learners answer, links for learners, and who has read a contact."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_introduction()
    _create_answer()
    op.create_table(
        "learner_link",
        sa.Column("introduction_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("introduction_id"),
    )
    op.create_index("learner_link_digest", "learner_link", ["digest"], unique=True)
    op.create_table(
        "contact_reading",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("introduction_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_reading_introduction", "contact_reading", ["introduction_id", "id"])


def downgrade() -> None:
    for table in ("contact_reading", "learner_link", "introduction_answer", "introduction"):
        op.drop_table(table)


def _ids() -> list[sa.Column[str]]:
    names = ("introduction_id", "opening_id", "learner_id", "employer_id", "provider_id", "region")
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _create_introduction() -> None:
    op.create_table(
        "introduction",
        *_ids(),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("hire", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("request_status", sa.String(), nullable=False),
        sa.Column("request_reason", sa.String(), nullable=True),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("job", sa.JSON(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("access_digest", sa.String(), nullable=True),
        sa.Column("access_expires_at", _TIME, nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("hire_noticed_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("introduction_id"),
    )
    op.create_index("introduction_provider", "introduction", ["provider_id", "introduction_id"])
    op.create_index("introduction_learner", "introduction", ["learner_id"])
    op.create_index("introduction_standing", "introduction", ["status", "answer_by"])
    for name, column, condition in (
        ("introduction_hired", "hire_noticed_at", "status = 'hired' AND hire IS NULL"),
        ("introduction_undone", "introduction_id", "status <> 'hired' AND hire IS NOT NULL"),
    ):
        some = sa.text(condition)
        op.create_index(name, "introduction", [column], sqlite_where=some, postgresql_where=some)


def _create_answer() -> None:
    op.create_table(
        "introduction_answer",
        *_ids(),
        sa.Column("provider_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", _TIME, nullable=False),
        sa.Column("hire", sa.String(), nullable=True),
        sa.Column("resumes_since", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("introduction_id"),
    )
