"""The words that openings and definitions of the catalog are found by."""

import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import VARCHAR

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_MOST_WORDS = 40
_TERM = sa.String().with_variant(VARCHAR(collation="C"), "postgresql")


def upgrade() -> None:
    terms = op.create_table(
        "search_term",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("term", _TERM, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "term", "id"),
    )
    op.create_index("search_term_of", "search_term", ["scope", "id"])
    for kind in ("credential", "competency"):
        table = sa.table(f"catalog_{kind}", sa.column("id"), sa.column("search_text"))
        _fill(terms, sa.select(sa.literal(kind).label("scope"), table.c.id, table.c.search_text), table.c.id)
    opening = sa.table("opening", sa.column("employer_id"), sa.column("opening_id"), sa.column("title"))
    _fill(terms, sa.select(opening.c.employer_id, opening.c.opening_id, opening.c.title), opening.c.opening_id)
    # Searches are planned by what is known of the table, which would come minutes later by itself.
    op.execute("ANALYZE search_term")


def downgrade() -> None:
    op.drop_table("search_term")


def _fill(terms: sa.Table, everything: sa.Select[tuple[str, str, str]], key: sa.ColumnElement[str]) -> None:
    """The terms of all that is known already, as the service made them when this was written."""
    connection, after = op.get_bind(), ""
    while True:
        some = connection.execute(everything.where(key > after).order_by(key).limit(_AT_ONCE)).all()
        if not some:
            return
        rows = [{"scope": scope, "term": term, "id": each} for scope, each, text in some for term in _terms(text)]
        if rows:
            connection.execute(sa.insert(terms), rows)
        after = some[-1][1]


def _terms(text: str) -> Iterator[str]:
    words = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text).split()
    yield from list(dict.fromkeys(map(_key, words)))[:_MOST_WORDS]


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in folded if each.isalnum()) or folded.strip()
