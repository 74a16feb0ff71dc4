"""Makes the desk of a unit of work: repositories bound to its session and to what its caller may see."""

from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.accreditation_repository import AccreditationRepository
from learners.adapters.catalog_repository import CatalogRepository
from learners.adapters.cohort_repository import CohortRepository
from learners.adapters.learner_repository import LearnerRepository
from learners.adapters.outbox_announcer import OutboxAnnouncer
from learners.adapters.proposal_repository import ProposalRepository
from learners.adapters.provider_repository import ProviderRepository
from learners.adapters.retirement_repository import RetirementRepository
from learners.application.unit_of_work import LearnersUnitOfWork
from makersync.clock import Clock
from makersync.effects.outbox import Outbox
from makersync.store.operator_log import SqlOperatorLog
from reference.pay import MedianWages, PayLimits, load_median_wages
from reference.places import Places


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `provider_id` None: an operator or the service itself; `actor` is who it goes down as in the audit."""

    provider_id: str | None
    actor: str


SERVICE = Visitor(None, "service")


@dataclass(frozen=True, slots=True)
class LearnersUnitsOfWork:
    outbox: Outbox
    clock: Clock
    places: Places
    pay: PayLimits = field(default_factory=PayLimits)
    medians: MedianWages = field(default_factory=load_median_wages)

    def at(self, session: AsyncSession, visitor: Visitor) -> LearnersUnitOfWork:
        return LearnersUnitOfWork(
            learners=LearnerRepository(session, visitor.provider_id),
            providers=ProviderRepository(session, visitor.provider_id),
            accreditations=AccreditationRepository(session),
            catalog=CatalogRepository(session),
            retirements=RetirementRepository(session),
            proposals=ProposalRepository(session, visitor.provider_id),
            cohorts=CohortRepository(session, visitor.provider_id),
            announce=OutboxAnnouncer(session, self.outbox),
            log=SqlOperatorLog(session, visitor.actor, self.clock),
            clock=self.clock,
            places=self.places,
            pay=self.pay,
        )
