"""Pathways in SQL. A list is written only over an older one, and nothing is kept of erased learners."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Subquery, cast, tuple_
from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_erasures import erased_among
from learners.adapters.learner_tables import LearnerRow
from learners.adapters.pathway_tables import LearnerPathwayRow, PathwayCredentialRow
from learners.adapters.stored_versions import Key, StoredVersion, stored_versions
from learners.domain.pathway import CredentialReach, LearnerReach, RegionPathway, UnlockedPositions
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.store.upserts import upsert

ENTRY = PathwayCredentialRow.sql_table()
HEAD = LearnerPathwayRow.sql_table()


CREDENTIAL = col(PathwayCredentialRow.credential)
LEARNER = col(PathwayCredentialRow.learner_id)
UNLOCKED = col(PathwayCredentialRow.unlocked)
#: What is unlocked in all, negative so that the most comes first. PostgreSQL's sum of such integers would be a decimal.
_PLACE = cast(-func.sum(UNLOCKED), BigInteger).label("place")


@dataclass(frozen=True, slots=True)
class PathwayUpdate:
    """The list of a learner in a region after an event that happened at `at`; `as_of` None when it has ended."""

    learner_id: str
    region: str
    version: int
    at: datetime
    unlocked: Mapping[str, UnlockedPositions] = field(default_factory=dict)
    as_of: datetime | None = None

    @property
    def key(self) -> Key:
        return self.learner_id, self.region

    @property
    def is_live(self) -> bool:
        return self.as_of is not None


class PathwayRepository:
    """Lists as the consumer keeps them, by (learner id, region)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, newer: Sequence[PathwayUpdate]) -> None:
        """`newer` has at most one entry for each key, and none that is not newer than what is stored."""
        if not newer:
            return
        erased = await erased_among(self._session, {each.learner_id for each in newer})
        living = [each for each in newer if each.learner_id not in erased]
        heads = [
            {
                "learner_id": each.learner_id,
                "region": each.region,
                "version": each.version,
                "as_of": None if each.learner_id in erased else each.as_of,
                "ended_at": None,
            }
            for each in newer
        ]
        entries = [
            {
                "learner_id": each.learner_id,
                "region": each.region,
                "credential": credential,
                "unlocked": unlocked.positions,
                "openings": None if unlocked.openings is None else list(unlocked.openings),
            }
            for each in living
            for credential, unlocked in each.unlocked.items()
        ]
        await upsert(self._session, LearnerPathwayRow, heads, ["learner_id", "region"], newer_by="version")
        here = tuple_(ENTRY.c.learner_id, ENTRY.c.region)
        await self._session.exec(delete(ENTRY).where(here.in_([each.key for each in newer])))
        await upsert(self._session, PathwayCredentialRow, entries, ["learner_id", "region", "credential"])

    async def stored(self, keys: Sequence[Key]) -> Mapping[Key, StoredVersion]:
        key, is_live = (HEAD.c.learner_id, HEAD.c.region), HEAD.c.as_of.is_not(None)
        return await stored_versions(self._session, key, HEAD.c.version, is_live, keys)


async def blank_pathways(session: AsyncSession, learner_id: str) -> None:
    """Keep nothing of an erased learner's lists but their versions."""
    await session.exec(delete(ENTRY).where(ENTRY.c.learner_id == learner_id))
    await session.exec(update(HEAD).where(HEAD.c.learner_id == learner_id).values(as_of=None))


async def live_pathways_of(session: AsyncSession, learner_id: str) -> Mapping[str, int]:
    """The version of each list that has not ended, by region. The caller must have checked that the learner may be seen."""
    live = (HEAD.c.learner_id == learner_id, HEAD.c.as_of.is_not(None))
    return dict((await session.exec(select(HEAD.c.region, HEAD.c.version).where(*live).order_by(HEAD.c.region))).all())


async def pathways_of_learner(session: AsyncSession, learner_id: str) -> tuple[RegionPathway, ...]:
    """By region. The caller must have checked that the learner may be seen."""
    heads = select(LearnerPathwayRow).where(
        col(LearnerPathwayRow.learner_id) == learner_id, col(LearnerPathwayRow.as_of).is_not(None)
    )
    rows = (await session.exec(heads.order_by(col(LearnerPathwayRow.region)))).all()
    unlocked = await unlocked_of(session, [(learner_id, row.region) for row in rows])
    return tuple(RegionPathway(row.region, unlocked.get((learner_id, row.region), {}), row.as_of) for row in rows if row.as_of)


async def unlocked_of(session: AsyncSession, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, UnlockedPositions]]:
    """What each credential of the lists would unlock."""
    here = tuple_(col(PathwayCredentialRow.learner_id), col(PathwayCredentialRow.region)).in_(keys)
    # SQLite finds no pairs by an index, but the learners that they are of.
    theirs = col(PathwayCredentialRow.learner_id).in_({learner_id for learner_id, _ in keys})
    unlocked: dict[Key, dict[str, UnlockedPositions]] = {}
    for entry in (await session.exec(select(PathwayCredentialRow).where(theirs, here))).all():
        unlocked.setdefault((entry.learner_id, entry.region), {})[entry.credential] = unlocked_in(entry)
    return unlocked


def unlocked_in(row: PathwayCredentialRow) -> UnlockedPositions:
    """What a stored credential would unlock."""
    return UnlockedPositions(row.unlocked, None if row.openings is None else tuple(row.openings))


async def list_credential_reaches(session: AsyncSession, provider_id: str, page: PageRequest) -> Page[CredentialReach]:
    """What each credential would do for the provider's learners, what unlocks most first."""
    learners = func.count(LEARNER.distinct()).label("learners")
    reaches = _of_provider(select(CREDENTIAL, learners, _PLACE), provider_id).group_by(CREDENTIAL).subquery()
    order = Order((reaches.c.place, reaches.c.credential))
    found: Page[Any] = await page_of(session, _all_of(reaches), order, page, lambda row: row)
    positions = await _positions(session, provider_id, [row.credential for row in found.items])
    return found.map(lambda row: CredentialReach(row.credential, row.learners, positions[row.credential], -row.place))


async def list_learner_reaches(
    session: AsyncSession, provider_id: str, credential: str, page: PageRequest
) -> Page[LearnerReach]:
    """The provider's learners for whom the credential would unlock something, those for whom it unlocks most first."""
    mine = _of_provider(select(LEARNER, _PLACE), provider_id).where(credential == CREDENTIAL).group_by(LEARNER)
    reaches = mine.subquery()
    order = Order((reaches.c.place, reaches.c.learner_id))
    return await page_of(session, _all_of(reaches), order, page, lambda row: LearnerReach(row.learner_id, -row.place))


def _all_of(reaches: Subquery) -> Any:
    return select(*reaches.c)


async def _positions(session: AsyncSession, provider_id: str, credentials: Collection[str]) -> Mapping[str, int]:
    region = col(PathwayCredentialRow.region)
    statement: Any = _of_provider(select(CREDENTIAL, func.max(UNLOCKED)), provider_id)
    most = statement.where(CREDENTIAL.in_(credentials)).group_by(CREDENTIAL, region)
    positions: Counter[str] = Counter()
    for credential, unlocked in (await session.exec(most)).all():
        positions[credential] += unlocked
    return positions


def _of_provider(statement: Any, provider_id: str) -> Any:
    """The join with the provider's own learners is what keeps tenants apart."""
    joined = statement.join(LearnerRow, col(LearnerRow.learner_id) == LEARNER)
    return joined.where(col(LearnerRow.provider_id) == provider_id)
