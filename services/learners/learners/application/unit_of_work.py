"""What a handler works with."""

from collections.abc import Callable
from dataclasses import dataclass

from learners.application.ports.accreditation import Accreditations
from learners.application.ports.announcer import Announcer
from learners.application.ports.catalog import Catalog
from learners.application.ports.cohort import Cohorts
from learners.application.ports.ending import EndingAwards
from learners.application.ports.feed import ProviderFeeds
from learners.application.ports.introduction import ContactReadings, LearnerIntroductions, LearnerLinks
from learners.application.ports.learner import Learners
from learners.application.ports.proposal import Proposals
from learners.application.ports.provider import Providers
from learners.application.ports.retirement import Retirements
from makersync.clock import Clock
from makersync.operator_log import OperatorLog
from reference.pay import PayLimits
from reference.places import Places

#: Called with the stored version. Raises an error of the caller's protocol unless the caller expects that version.
Expectation = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LearnersUnitOfWork:
    """Everything in it belongs to the same transaction and to the same requester."""

    learners: Learners
    providers: Providers
    accreditations: Accreditations
    catalog: Catalog
    retirements: Retirements
    proposals: Proposals
    cohorts: Cohorts
    introductions: LearnerIntroductions
    links: LearnerLinks
    readings: ContactReadings
    announce: Announcer
    feeds: ProviderFeeds
    ending_awards: EndingAwards
    log: OperatorLog
    clock: Clock
    places: Places
    pay: PayLimits
