"""A guard on the share of one employer: policies stored until now had none, and the next version of the live one has it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = "guard_employer_share"
UNGUARDED, GUARDED = 1000, 667
POLICY = sa.table("policy", sa.column("version"), sa.column("document", sa.JSON()), sa.column("applied_at"))
AUDIT = sa.table("audit", *(sa.column(name) for name in ("at", "actor", "action", "subject")), sa.column("detail", sa.JSON()))


def upgrade() -> None:
    stored = _stored()
    for version, document in stored:
        _rewrite(version, {**document, NUMBER: UNGUARDED})
    if stored:
        live, document = stored[-1]
        _apply(live + 1, document)


def downgrade() -> None:
    """Versions only grow: the one that was added stays, without the number."""
    for version, document in _stored():
        _rewrite(version, {name: value for name, value in document.items() if name != NUMBER})


def _stored() -> list[tuple[int, dict[str, int]]]:
    rows = op.get_bind().execute(sa.select(POLICY.c.version, POLICY.c.document).order_by(POLICY.c.version))
    return [(version, document) for version, document in rows]


def _rewrite(version: int, document: dict[str, int]) -> None:
    op.execute(sa.update(POLICY).where(POLICY.c.version == version).values(document=document))


def _apply(version: int, document: dict[str, int]) -> None:
    """As `makersync policy apply` does."""
    now, changed = sa.func.current_timestamp(), {NUMBER: [UNGUARDED, GUARDED]}
    values = {"document": {**document, "version": version, NUMBER: GUARDED}, "applied_at": now}
    op.execute(sa.insert(POLICY).values(version=version, **values))
    subject = {"actor": "migration 0010", "action": "policy_applied", "subject": f"policy/{version}"}
    op.execute(sa.insert(AUDIT).values(at=now, detail=changed, **subject))
