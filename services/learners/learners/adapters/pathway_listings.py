"""Pathways as they are read: of one learner, and of all learners of a provider by credential."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_tables import CredentialRow
from learners.adapters.learner_tables import LearnerRow
from learners.adapters.pathway_tables import LearnerPathwayRow, PathwayCredentialRow
from learners.domain.pathway import RegionPathway
from makersync.http.pagination import Order, Page, PageRequest, page_of

CREDENTIAL = col(PathwayCredentialRow.credential)
LEARNER = col(PathwayCredentialRow.learner_id)
UNLOCKED = col(PathwayCredentialRow.unlocked)


@dataclass(frozen=True, slots=True)
class CredentialReach:
    """What one more credential would do for a provider's learners.

    `positions` are at least so many different ones: of each region the most that are open to one of them. `unlocked` adds up
    the learners, so that a position open to two of them counts twice.
    """

    credential: str
    learners: int
    positions: int
    unlocked: int


@dataclass(frozen=True, slots=True)
class LearnerReach:
    """What the credential would unlock for one learner, all regions together."""

    learner_id: str
    unlocked: int


class PathwayListings:
    """Of a provider's own learners: the join with them is what keeps tenants apart."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_learner(self, learner_id: str) -> tuple[RegionPathway, ...]:
        """By region. Demand first that the caller may see the learner."""
        heads = select(LearnerPathwayRow).where(
            col(LearnerPathwayRow.learner_id) == learner_id, col(LearnerPathwayRow.as_of).is_not(None)
        )
        rows = (await self._session.exec(heads.order_by(col(LearnerPathwayRow.region)))).all()
        unlocked: dict[str, dict[str, int]] = {}
        for entry in (
            await self._session.exec(select(PathwayCredentialRow).where(col(PathwayCredentialRow.learner_id) == learner_id))
        ).all():
            unlocked.setdefault(entry.region, {})[entry.credential] = entry.unlocked
        return tuple(RegionPathway(row.region, unlocked.get(row.region, {}), row.as_of) for row in rows if row.as_of)

    async def training_weeks(self, credentials: Collection[str]) -> Mapping[str, int | None]:
        """Of the credentials that the catalog has."""
        statement = select(CredentialRow).where(col(CredentialRow.id).in_(credentials))
        return {row.id: row.definition.get("training_weeks") for row in (await self._session.exec(statement)).all()}

    async def by_credential(self, provider_id: str, page: PageRequest) -> Page[CredentialReach]:
        learners, unlocked = func.count(LEARNER.distinct()).label("learners"), func.sum(UNLOCKED).label("unlocked")
        statement: Any = _of_provider(select(CREDENTIAL, learners, unlocked), provider_id).group_by(CREDENTIAL)
        found = await page_of(self._session, statement, Order((CREDENTIAL,)), page, lambda row: row)
        positions = await self._positions(provider_id, [row.credential for row in found.items])
        items = [
            CredentialReach(row.credential, row.learners, positions[row.credential], int(row.unlocked)) for row in found.items
        ]
        return Page[Any](items=items, next_cursor=found.next_cursor)

    async def through(self, provider_id: str, credential: str, page: PageRequest) -> Page[LearnerReach]:
        """The learners whom a credential would unlock something."""
        statement: Any = _of_provider(select(LEARNER, func.sum(UNLOCKED).label("unlocked")), provider_id)
        statement = statement.where(col(PathwayCredentialRow.credential) == credential).group_by(LEARNER)
        return await page_of(
            self._session, statement, Order((LEARNER,)), page, lambda row: LearnerReach(row.learner_id, int(row.unlocked))
        )

    async def _positions(self, provider_id: str, credentials: Collection[str]) -> Mapping[str, int]:
        region = col(PathwayCredentialRow.region)
        statement: Any = _of_provider(select(CREDENTIAL, func.max(UNLOCKED)), provider_id)
        most = statement.where(CREDENTIAL.in_(credentials)).group_by(CREDENTIAL, region)
        positions: Counter[str] = Counter()
        for credential, unlocked in (await self._session.exec(most)).all():
            positions[credential] += unlocked
        return positions


def _of_provider(statement: Any, provider_id: str) -> Any:
    joined = statement.join(LearnerRow, col(LearnerRow.learner_id) == LEARNER)
    return joined.where(col(LearnerRow.provider_id) == provider_id)
