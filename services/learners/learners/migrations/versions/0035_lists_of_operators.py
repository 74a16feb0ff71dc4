"""What operators look at is found by indexes: dead letters, proposals, and who else has an issuer's name."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("dead_letter_status", "dead_letter", ["status", "id"])
    op.create_index("proposal_status", "proposal", ["status", "proposal_id"])
    op.add_column("credential", sa.Column("issuer_like", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_credential_issuer_like", "credential", ["issuer_like"])
    _fill()


def downgrade() -> None:
    op.drop_index("ix_credential_issuer_like", "credential")
    op.drop_column("credential", "issuer_like")
    op.drop_index("proposal_status", "proposal")
    op.drop_index("dead_letter_status", "dead_letter")


def _fill() -> None:
    """The catalog that there is already, as names are compared when this was written."""
    credential = sa.table("credential", sa.column("id"), sa.column("definition", sa.JSON()), sa.column("issuer_like"))
    connection = op.get_bind()
    catalog = connection.execute(sa.select(credential.c.id, credential.c.definition)).all()
    keys = [{"which": each, "key": _key(definition["issuer"])} for each, definition in catalog]
    filled = sa.update(credential).where(credential.c.id == sa.bindparam("which")).values(issuer_like=sa.bindparam("key"))
    if keys:
        connection.execute(filled, keys)


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in folded if each.isalnum()) or folded.strip()
