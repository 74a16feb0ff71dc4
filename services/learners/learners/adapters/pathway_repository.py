"""Pathways in SQL, as the consumer keeps them: only what is newer than what is there, and nothing of erased learners."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from sqlalchemy import Table, tuple_
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import ErasedLearnerRow
from learners.adapters.pathway_reading import PathwayNews
from learners.adapters.pathway_tables import LearnerPathwayRow, PathwayCredentialRow
from makersync.store.database import upsert

Key = tuple[str, str]
ENTRY = cast(Table, PathwayCredentialRow.__table__)  # type: ignore[attr-defined]
HEAD = cast(Table, LearnerPathwayRow.__table__)  # type: ignore[attr-defined]


class SqlPathways:
    """Lists by (learner id, region)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, news: Sequence[PathwayNews]) -> None:
        """`news` has one entry a key."""
        versions = await self._versions([each.key for each in news])
        newer = [each for each in news if each.version > versions.get(each.key, 0)]
        if not newer:
            return
        erased = await self._erased({each.learner_id for each in newer})
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
            {"learner_id": each.learner_id, "region": each.region, "credential": credential, "unlocked": unlocked}
            for each in living
            for credential, unlocked in each.unlocked
        ]
        await upsert(self._session, LearnerPathwayRow, heads, ["learner_id", "region"], newer_by="version")
        here = tuple_(ENTRY.c.learner_id, ENTRY.c.region)
        await self._session.exec(delete(ENTRY).where(here.in_([each.key for each in newer])))
        await upsert(self._session, PathwayCredentialRow, entries, ["learner_id", "region", "credential"])

    async def _versions(self, keys: Collection[Key]) -> Mapping[Key, int]:
        if not keys:
            return {}
        here = tuple_(col(LearnerPathwayRow.learner_id), col(LearnerPathwayRow.region))
        statement = select(LearnerPathwayRow.learner_id, LearnerPathwayRow.region, LearnerPathwayRow.version).where(
            here.in_(keys)
        )
        return {(learner_id, region): version for learner_id, region, version in (await self._session.exec(statement)).all()}

    async def _erased(self, learner_ids: Collection[str]) -> frozenset[str]:
        statement = select(ErasedLearnerRow.learner_id).where(col(ErasedLearnerRow.learner_id).in_(learner_ids))
        return frozenset((await self._session.exec(statement)).all())


async def forget_pathways(session: AsyncSession, learner_id: str) -> None:
    """Keep nothing of an erased learner's lists but their versions."""
    await session.exec(delete(ENTRY).where(ENTRY.c.learner_id == learner_id))
    await session.exec(update(HEAD).where(HEAD.c.learner_id == learner_id).values(as_of=None))
