"""What a handler works with: one transaction, seen by one caller."""

from collections.abc import Callable
from dataclasses import dataclass

from learners.application.ports.accreditation import Accreditations
from learners.application.ports.announcer import Announcer
from learners.application.ports.catalog import Catalog
from learners.application.ports.cohort import Cohorts
from learners.application.ports.learner import Learners
from learners.application.ports.operator_log import OperatorLog
from learners.application.ports.proposal import Proposals
from learners.application.ports.provider import Providers
from learners.application.ports.retirement import Retirements
from makersync.clock import Clock
from reference.pay import PayLimits
from reference.places import Places

#: Raises, in the words of the caller's protocol, unless the version that it is given is one that the caller knows.
Expectation = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LearnersUnitOfWork:
    """One unit of work: everything on it belongs to the same transaction and to the same caller."""

    learners: Learners
    providers: Providers
    accreditations: Accreditations
    catalog: Catalog
    retirements: Retirements
    proposals: Proposals
    cohorts: Cohorts
    announce: Announcer
    log: OperatorLog
    clock: Clock
    places: Places
    pay: PayLimits
