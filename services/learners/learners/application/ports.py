"""What the handlers need; the adapters fulfil it, bound to one transaction and to what the caller may see."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from learners.domain.accreditation import Accreditation
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from learners.domain.cohort import Cohort, CohortEvent
from learners.domain.learner import Changed, Learner
from learners.domain.person import Person
from learners.domain.proposal import Proposal
from learners.domain.retirement import Retirement
from makersync.clock import Clock
from reference.pay import PayLimits
from reference.places import Places

#: Raises, in the words of the caller's protocol, unless the version that it is given is one that the caller knows.
Expectation = Callable[[int], None]


def lost_name(provider_id: str) -> str:
    """What a provider is called of whom only topics tell."""
    return f"Name lost ({provider_id})"


@dataclass(frozen=True, slots=True)
class Provider:
    provider_id: str
    name: str
    created_at: datetime
    version: int = 1

    @property
    def is_nameless(self) -> bool:
        return self.name == lost_name(self.provider_id)


@dataclass(frozen=True, slots=True)
class Rederivation:
    """Evidence of a provider's awards of an issuer, to be derived again for the learners after `after_learner`."""

    rederivation_id: int
    provider_id: str
    issuer: str
    after_learner: str


class Learners(Protocol):
    """The learners that the caller may see."""

    async def get(self, learner_id: str) -> Learner:
        """For reading. Raises Absent."""
        ...

    async def hold(self, learner_id: str) -> Learner:
        """For changing: held against others until the transaction ends. Raises Absent."""
        ...

    async def after(self, learner_id: str, most: int) -> Sequence[Learner]:
        """The first `most` by id after the one given, for reading; without their awards."""
        ...

    async def person(self, learner_id: str) -> Person: ...

    async def add(self, learner: Learner, person: Person) -> None: ...

    async def save(self, before: Learner, after: Learner) -> None:
        """Raises Stale unless `before` is what is stored."""
        ...

    async def save_person(self, learner_id: str, person: Person) -> None: ...

    async def erase(self, learner: Learner, version: int, at: datetime) -> None:
        """Delete all but the id, the version and the regions; blank the learner's matches and kept answers. Raises Stale."""
        ...

    async def of_cohort(self, cohort_id: str) -> Sequence[Learner]:
        """Learners who have an award of the cohort, by id; held like `hold` does."""
        ...

    async def with_award_of(self, provider_id: str, issuer: str, after: str, most: int) -> Sequence[Learner]:
        """Learners who have an award of the issuer, by id, after the one given; held like `hold` does."""
        ...


class Providers(Protocol):
    """The providers that the caller may see."""

    async def get(self, provider_id: str) -> Provider:
        """Raises Absent."""
        ...

    async def add(self, provider: Provider) -> None:
        """Raises Stale when there is one with this id."""
        ...

    async def hold(self, provider_id: str) -> Provider | None:
        """Held against others until the transaction ends; None when there is none."""
        ...

    async def save(self, provider: Provider) -> None: ...

    async def named_like(self, name: str) -> Sequence[Provider]:
        """Those whose names differ from it in case, accents, punctuation or spaces at most."""
        ...


class AccreditationRepository(Protocol):
    """The register of accreditations."""

    async def get(self, accreditation_id: str) -> Accreditation:
        """For reading. Raises Absent."""
        ...

    async def hold(self, accreditation_id: str) -> Accreditation:
        """It does not change until the transaction ends. Raises Absent."""
        ...

    async def of(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        """Those of a provider for an issuer. They do not change until the transaction ends."""
        ...

    async def seen(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        """The same for reading: others may change them meanwhile."""
        ...

    async def add(self, accreditation: Accreditation) -> None:
        """Waits for those who have read the provider's accreditations with `of`."""
        ...

    async def save(self, accreditation: Accreditation) -> None:
        """Waits as `add` does. Raises Stale unless the version before is what is stored."""
        ...

    async def request_rederivation(self, provider_id: str, issuer: str, at: datetime) -> None: ...

    async def next_rederivation(self) -> Rederivation | None:
        """The oldest that is not done; nobody else gets it until the transaction ends. None also when another has it."""
        ...

    async def advance(self, rederivation: Rederivation, after_learner: str, changed: int, done_at: datetime | None) -> None:
        """Raises Stale when another has moved it on."""
        ...


class CatalogRepository(Protocol):
    """What operators have approved; the same for everybody."""

    async def credential(self, credential_id: str) -> PublishedCredential | None: ...

    async def credentials(self, wanted: Collection[str]) -> Mapping[str, PublishedCredential]:
        """Those of the wanted that are defined."""
        ...

    async def competencies(self, wanted: Collection[str]) -> Mapping[str, Competency]: ...

    async def competencies_like(self, name: str) -> Sequence[Competency]:
        """Those whose names differ from it in case, accents, punctuation or spaces at most."""
        ...

    async def of_issuers_like(self, issuer: str) -> Sequence[CredentialDefinition]:
        """Those of issuers whose names differ from it in case, accents, punctuation or spaces at most."""
        ...

    async def origins(self, issuer: str) -> frozenset[str | None]:
        """Who brought in the issuer's credentials; empty when it has none."""
        ...

    async def put_credential(self, credential: PublishedCredential) -> None:
        """Raises Stale when its version is there already, or the one before is not."""
        ...

    async def put_competency(self, competency: Competency) -> None:
        """Raises Stale as `put_credential` does."""
        ...


class Retirements(Protocol):
    """Which definitions are retired."""

    async def of(self, credential: str) -> Retirement | None: ...

    async def among(self, credentials: Collection[str]) -> Mapping[str, Retirement]:
        """Those of the credentials that are retired."""
        ...

    async def put(self, retirement: Retirement) -> None: ...

    async def remove(self, credential: str) -> None: ...


class Proposals(Protocol):
    """The proposals that the caller may see."""

    async def get(self, proposal_id: str) -> Proposal:
        """Raises Absent."""
        ...

    async def add(self, proposal: Proposal) -> None: ...

    async def save(self, proposal: Proposal) -> None:
        """Raises Stale unless the version before is what is stored."""
        ...


class Cohorts(Protocol):
    """The cohorts that the caller may see."""

    async def get(self, cohort_id: str) -> Cohort:
        """For reading. Raises Absent."""
        ...

    async def hold(self, cohort_id: str) -> Cohort:
        """For changing: held against others until the transaction ends. Learners are held before it. Raises Absent."""
        ...

    async def attending(self, cohort_id: str) -> int:
        """How many awards hold seats of the cohort."""
        ...

    async def add(self, cohort: Cohort) -> None: ...

    async def save(self, cohort: Cohort) -> None:
        """Raises Stale unless the version before is what is stored."""
        ...


class Announcer(Protocol):
    """Writes events into the transaction."""

    async def learner(self, before: tuple[str, ...], changed: Changed) -> None:
        """To every region of the reach, and to those of `before` that were left."""
        ...

    async def erased(self, learner: Learner, version: int) -> None: ...

    async def cohort(self, cohort: Cohort, kind: CohortEvent) -> None: ...

    async def catalog(self, competencies: Sequence[Competency], credentials: Sequence[PublishedCredential]) -> None: ...


class OperatorLog(Protocol):
    def note(self, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Keep what the operator did, in the transaction."""
        ...


@dataclass(frozen=True, slots=True)
class LearnersUnitOfWork:
    """One unit of work: everything on it belongs to the same transaction and to the same caller."""

    learners: Learners
    providers: Providers
    register: AccreditationRepository
    catalog: CatalogRepository
    retirements: Retirements
    proposals: Proposals
    cohorts: Cohorts
    announce: Announcer
    log: OperatorLog
    clock: Clock
    places: Places
    pay: PayLimits
