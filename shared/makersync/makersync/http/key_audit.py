"""Records who did what with API keys, in the transaction of the change itself."""

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.activity import note_in
from makersync.store.tables import ApiKeyRow, AuditRow


def note_issued(session: AsyncSession, clock: Clock, actor: str, row: ApiKeyRow) -> None:
    _note(session, clock, actor, "key_issued", row)


def note_revoked(session: AsyncSession, clock: Clock, actor: str, row: ApiKeyRow) -> None:
    _note(session, clock, actor, "key_revoked", row)


def note_rotated(session: AsyncSession, clock: Clock, actor: str, old: ApiKeyRow, new: ApiKeyRow) -> None:
    """The subject is the old key; the detail names the new one."""
    _note(session, clock, actor, "key_rotated", old, new_key=new.id)


def note_recovered(session: AsyncSession, clock: Clock, actor: str, row: ApiKeyRow) -> None:
    """A key that was made on the host although operators' keys existed."""
    _note(session, clock, actor, "key_recovered", row)


def _note(session: AsyncSession, clock: Clock, actor: str, action: str, row: ApiKeyRow, **more: str) -> None:
    detail = {"organisation_id": row.organisation_id, "name": row.name, "scopes": row.scopes, **more}
    session.add(AuditRow(at=clock.now(), actor=actor, action=action, subject=row.id, detail=detail))
    if row.organisation_id is not None:
        note_in(session, clock.now(), row.organisation_id, action, row.id, name=row.name, **more)
