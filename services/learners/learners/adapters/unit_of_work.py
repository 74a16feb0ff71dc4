"""Builds a unit of work: repositories bound to one session and to what the requester may see."""

from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.accreditation_repository import AccreditationRepository
from learners.adapters.catalog_repository import CatalogRepository
from learners.adapters.cohort_repository import CohortRepository
from learners.adapters.ending_awards import EndingAwardsInFeed
from learners.adapters.introduction_repository import IntroductionRepository
from learners.adapters.learner_link_repository import ContactReadingRepository, LearnerLinkRepository
from learners.adapters.learner_repository import LearnerRepository
from learners.adapters.outbox_announcer import OutboxAnnouncer
from learners.adapters.proposal_repository import ProposalRepository
from learners.adapters.provider_feeds import SqlProviderFeeds
from learners.adapters.provider_repository import ProviderRepository
from learners.adapters.retirement_repository import RetirementRepository
from learners.application.unit_of_work import LearnersUnitOfWork
from makersync.clock import Clock
from makersync.effects.outbox import Outbox
from makersync.store.operator_log import SqlOperatorLog
from reference.pay import MedianWages, PayLimits, load_median_wages
from reference.places import Places


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. `provider_id` None: an operator or the service itself. `actor` is the name in the audit log."""

    provider_id: str | None
    actor: str


SERVICE = Requester(None, "service")


@dataclass(frozen=True, slots=True)
class LearnersUnitsOfWork:
    outbox: Outbox
    clock: Clock
    places: Places
    pay: PayLimits = field(default_factory=PayLimits)
    medians: MedianWages = field(default_factory=load_median_wages)

    def at(self, session: AsyncSession, requester: Requester) -> LearnersUnitOfWork:
        return LearnersUnitOfWork(
            learners=LearnerRepository(session, requester.provider_id),
            providers=ProviderRepository(session, requester.provider_id),
            accreditations=AccreditationRepository(session),
            catalog=CatalogRepository(session),
            retirements=RetirementRepository(session),
            proposals=ProposalRepository(session, requester.provider_id),
            cohorts=CohortRepository(session, requester.provider_id),
            introductions=IntroductionRepository(session, requester.provider_id),
            links=LearnerLinkRepository(session),
            readings=ContactReadingRepository(session),
            announce=OutboxAnnouncer(session, self.outbox),
            feeds=SqlProviderFeeds(session, self.clock),
            ending_awards=EndingAwardsInFeed(session, self.clock),
            log=SqlOperatorLog(session, requester.actor, self.clock),
            clock=self.clock,
            places=self.places,
            pay=self.pay,
        )
