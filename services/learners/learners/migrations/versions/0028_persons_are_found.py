"""Student numbers, and what persons are found by."""

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import VARCHAR

from makersync.store.migrations import commit_at_once

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_TERM = sa.String().with_variant(VARCHAR(collation="C"), "postgresql")


def upgrade() -> None:
    """What locks `learner` comes last: the terms of many people take minutes. The lock of `person` has gone by then, since
    whoever erases a learner takes the two in the other order."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.add_column("person", sa.Column("student_number", sa.String(), nullable=True))
    else:
        commit_at_once("ALTER TABLE person ADD COLUMN IF NOT EXISTS student_number VARCHAR")
    # SQLite adds no key to a table that there is.
    key = [sa.ForeignKeyConstraint(["learner_id"], ["learner.learner_id"], ondelete="CASCADE")] if is_sqlite else []
    terms = op.create_table(
        "person_term",
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("term", _TERM, nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        *key,
        sa.PrimaryKeyConstraint("provider_id", "term", "learner_id"),
    )
    op.create_index("person_term_learner", "person_term", ["learner_id"])
    _fill(terms)
    # Searches are planned by what is known of the table, which would come minutes later by itself.
    op.execute("ANALYZE person_term")
    if not is_sqlite:
        _add_key()


def _add_key() -> None:
    """Without the terms of those who were erased since theirs were written."""
    op.execute("LOCK TABLE learner IN SHARE ROW EXCLUSIVE MODE")
    op.execute("DELETE FROM person_term WHERE NOT EXISTS (SELECT FROM learner WHERE learner_id = person_term.learner_id)")
    op.create_foreign_key(
        "person_term_learner_id_fkey", "person_term", "learner", ["learner_id"], ["learner_id"], ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("person_term")
    with op.batch_alter_table("person") as table:
        table.drop_column("student_number")


def _fill(terms: sa.Table) -> None:
    """The terms of everybody who is known already, as the service made them when this was written."""
    learner = sa.table("learner", sa.column("learner_id"), sa.column("provider_id"))
    person = sa.table("person", sa.column("learner_id"), sa.column("name"), sa.column("email"))
    joined = sa.select(learner.c.provider_id, person.c.learner_id, person.c.name, person.c.email).join_from(
        person, learner, learner.c.learner_id == person.c.learner_id
    )
    connection, after = op.get_bind(), ""
    while True:
        some = joined.where(person.c.learner_id > after).order_by(person.c.learner_id).limit(_AT_ONCE)
        people = connection.execute(some).all()
        if not people:
            return
        rows = [
            {"provider_id": provider_id, "term": term, "learner_id": learner_id}
            for provider_id, learner_id, name, email in people
            for term in sorted(_terms(name, email))
        ]
        connection.execute(sa.insert(terms), rows)
        after = people[-1].learner_id


def _terms(name: str, email: str | None) -> set[str]:
    found = set() if email is None else {_key(email)}
    for word in name.split()[:12]:
        parts = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in word).split()
        found |= {_key(each) for each in (word, *parts)}
    return found


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in folded if each.isalnum()) or folded.strip()
