"""Lists in pages, each within what the caller may see."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from learners.adapters.catalog_repository import credential_of, proposal_of
from learners.adapters.catalog_tables import CompetencyRow, CredentialRow, ProposalRow
from learners.adapters.cohort_repository import cohort_of
from learners.adapters.learner_repository import awards_of
from learners.adapters.learner_rows import award_of, learner_of, person_of
from learners.adapters.learner_tables import AccreditationRow, AwardRow, CohortRow, LearnerRow, PersonRow, ProviderRow
from learners.adapters.register_repository import accreditation_of
from learners.application.ports import Provider
from learners.domain.accreditation import Accreditation
from learners.domain.award import Award
from learners.domain.catalog import Competency, PublishedCredential, issuer_key
from learners.domain.cohort import Cohort
from learners.domain.learner import Learner
from learners.domain.person import Person
from learners.domain.proposal import Proposal
from makersync.http.pagination import Order, Page, PageRequest, page_of

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A learner and the person."""

    learner: Learner
    person: Person


@dataclass(frozen=True, slots=True)
class LearnerFilter:
    seeking: bool | None = None
    region: str | None = None
    credential: str | None = None


class Listings:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def has_credential(self, credential: str) -> bool:
        return await self._session.get(CredentialRow, credential) is not None

    async def has_provider(self, provider_id: str) -> bool:
        return await self._session.get(ProviderRow, provider_id) is not None

    async def has_issuer(self, issuer: str) -> bool:
        of_issuer = select(CredentialRow.id).where(col(CredentialRow.issuer_key) == issuer_key(issuer))
        return (await self._session.exec(of_issuer.limit(1))).first() is not None

    async def providers(self, page: PageRequest) -> Page[Provider]:
        def view(row: ProviderRow) -> Provider:
            return Provider(row.provider_id, row.name, row.created_at, row.version)

        return await page_of(self._session, select(ProviderRow), Order((col(ProviderRow.provider_id),)), page, view)

    async def learners(self, provider_id: str, wanted: LearnerFilter, page: PageRequest) -> Page[Acquaintance]:
        statement = _narrowed(select(LearnerRow).where(col(LearnerRow.provider_id) == provider_id), wanted)
        rows = await page_of(self._session, statement, Order((col(LearnerRow.learner_id),)), page, lambda row: row)
        return Page[Any](items=await self._acquainted(rows.items), next_cursor=rows.next_cursor)

    async def cohorts(self, provider_id: str, region: str | None, credential: str | None, page: PageRequest) -> Page[Cohort]:
        statement = select(CohortRow).where(col(CohortRow.provider_id) == provider_id)
        statement = _equal(statement, col(CohortRow.region), region)
        statement = _equal(statement, col(CohortRow.credential), credential)
        return await page_of(self._session, statement, Order((col(CohortRow.cohort_id),)), page, cohort_of)

    async def enrolments(self, cohort_id: str, page: PageRequest) -> Page[tuple[str, Award]]:
        """Learners with the awards that they were enrolled for. Demand first that the caller may see the cohort."""

        def view(row: AwardRow) -> tuple[str, Award]:
            return row.learner_id, award_of(row)

        statement = select(AwardRow).where(col(AwardRow.cohort_id) == cohort_id)
        return await page_of(self._session, statement, Order((col(AwardRow.award_id),)), page, view)

    async def accreditations(self, provider_id: str | None, issuer: str | None, page: PageRequest) -> Page[Accreditation]:
        key = None if issuer is None else issuer_key(issuer)
        statement = _equal(select(AccreditationRow), col(AccreditationRow.provider_id), provider_id)
        statement = _equal(statement, col(AccreditationRow.issuer_key), key)
        order = Order((col(AccreditationRow.accreditation_id),))
        return await page_of(self._session, statement, order, page, accreditation_of)

    async def credentials(self, issuer: str | None, page: PageRequest) -> Page[PublishedCredential]:
        key = None if issuer is None else issuer_key(issuer)
        statement = _equal(select(CredentialRow), col(CredentialRow.issuer_key), key)
        return await page_of(self._session, statement, Order((col(CredentialRow.id),)), page, credential_of)

    async def competencies(self, page: PageRequest) -> Page[Competency]:
        def view(row: CompetencyRow) -> Competency:
            return Competency(row.id, row.name, row.version)

        return await page_of(self._session, select(CompetencyRow), Order((col(CompetencyRow.id),)), page, view)

    async def proposals(self, provider_id: str | None, status: str | None, page: PageRequest) -> Page[Proposal]:
        """`provider_id` None: of all providers."""
        statement = _equal(select(ProposalRow), col(ProposalRow.provider_id), provider_id)
        statement = _equal(statement, col(ProposalRow.status), status)
        return await page_of(self._session, statement, Order((col(ProposalRow.proposal_id),)), page, proposal_of)

    async def _acquainted(self, rows: list[LearnerRow]) -> list[Acquaintance]:
        ids = [row.learner_id for row in rows]
        awards = await awards_of(self._session, ids)
        statement = select(PersonRow).where(col(PersonRow.learner_id).in_(ids))
        people = {one.learner_id: one for one in (await self._session.exec(statement)).all()}
        return [
            Acquaintance(learner_of(row, awards.get(row.learner_id, ())), person_of(people[row.learner_id])) for row in rows
        ]


def _narrowed(statement: SelectOfScalar[LearnerRow], wanted: LearnerFilter) -> SelectOfScalar[LearnerRow]:
    statement = _equal(statement, col(LearnerRow.seeking), wanted.seeking)
    statement = _equal(statement, col(LearnerRow.region), wanted.region)
    if wanted.credential is None:
        return statement
    holders = select(AwardRow.learner_id).where(col(AwardRow.credential) == wanted.credential)
    return statement.where(col(LearnerRow.learner_id).in_(holders))


def _equal(statement: SelectOfScalar[Row], column: Any, value: object) -> SelectOfScalar[Row]:
    return statement if value is None else statement.where(column == value)
