"""Sets up a desk: the handlers' repositories and outbox, bound to one transaction and to what its caller may see."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.outbox import Outbox
from makersync.store.operator_log import SqlOperatorLog
from openings.adapters.catalog import CatalogCopy
from openings.adapters.employers import EmployerRepository
from openings.adapters.openings import OpeningRepository, OutboxAnnouncements
from openings.application.ports import OpeningsUnitOfWork
from openings.domain.rules import Yardsticks
from reference.places import Places

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class OpeningsUnitsOfWork:
    """What all desks of a process share."""

    outbox: Outbox
    clock: Clock
    places: Places
    yardsticks: Yardsticks

    def at(self, session: AsyncSession, scope: str | None, actor: str = SERVICE) -> OpeningsUnitOfWork:
        """`scope` is the employer to which the caller's view is limited, None: no limit; `actor` who acts, for the audit."""
        return OpeningsUnitOfWork(
            openings=OpeningRepository(session, scope),
            employers=EmployerRepository(session, scope),
            definitions=CatalogCopy(session),
            announcements=OutboxAnnouncements(session, self.outbox),
            log=SqlOperatorLog(session, actor, self.clock),
            clock=self.clock,
            places=self.places,
            yardsticks=self.yardsticks,
        )
