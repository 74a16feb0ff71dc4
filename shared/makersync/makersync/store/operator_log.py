"""Records what operators did in a service, by whom and when, in the transaction of the change itself."""

from collections.abc import Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.tables import AuditRow


class SqlOperatorLog:
    """`actor` is the name under which every action is recorded."""

    def __init__(self, session: AsyncSession, actor: str, clock: Clock) -> None:
        self._session = session
        self._actor = actor
        self._clock = clock

    def note(self, action: str, subject: str, detail: Mapping[str, str]) -> None:
        row = AuditRow(at=self._clock.now(), actor=self._actor, action=action, subject=subject, detail=dict(detail))
        self._session.add(row)
