"""What this service knows of the subjects of matching's events: the newest version, and the provider of the learner."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.consuming.match_reading import LearnersMatchEndedReading, LearnersMatchReading
from learners.adapters.consuming.pathway_reading import PathwayEndReading, PathwayReading
from learners.adapters.consuming.signal_reading import SignalReading
from learners.adapters.learner_tables import LearnerRow
from learners.adapters.match_tables import LearnerMatchRow
from learners.adapters.pathway_tables import LearnerPathwayRow
from learners.adapters.signal_tables import SignalRow
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.reading import Reading

Key = tuple[str, str]
#: Databases limit the number of values in one statement.
AT_ONCE = 400


class KnownSubjects:
    """Learners that were erased, or that this service never had, have no provider."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def known(self, batch: Batch) -> Sequence[KnownSubject]:
        keys = [_key(received.data) for received in batch]
        versions = {
            **await self._versions(SignalRow, SignalRow.region, SignalRow.subject, _of(keys, SignalRow)),
            **await self._versions(
                LearnerMatchRow, LearnerMatchRow.learner_id, LearnerMatchRow.opening_id, _of(keys, LearnerMatchRow)
            ),
            **await self._versions(
                LearnerPathwayRow, LearnerPathwayRow.learner_id, LearnerPathwayRow.region, _of(keys, LearnerPathwayRow)
            ),
        }
        providers = await self._providers({learner for table, (learner, _) in keys if table is not SignalRow})
        return [
            KnownSubject(versions.get(key, 0), {"provider_id": providers[key[1][0]]} if key[1][0] in providers else {})
            for key in keys
        ]

    async def _versions(self, table: Any, first: Any, second: Any, keys: list[Key]) -> Mapping[tuple[Any, Key], int]:
        found: dict[tuple[Any, Key], int] = {}
        for start in range(0, len(keys), AT_ONCE):
            here = tuple_(col(first), col(second)).in_(keys[start : start + AT_ONCE])
            rows = (await self._session.exec(select(first, second, table.version).where(here))).all()
            found |= {(table, (one, other)): version for one, other, version in rows}
        return found

    async def _providers(self, learner_ids: set[str]) -> Mapping[str, str]:
        query = select(LearnerRow.learner_id, LearnerRow.provider_id).where(col(LearnerRow.learner_id).in_(learner_ids))
        return dict((await self._session.exec(query)).all()) if learner_ids else {}


def _of(keys: Sequence[tuple[Any, Key]], table: Any) -> list[Key]:
    return [key for kept_in, key in keys if kept_in is table]


def _key(data: Reading) -> tuple[Any, Key]:
    """Raises TypeError for what no reader of this service produces."""
    if isinstance(data, SignalReading):
        return SignalRow, (data.region, data.subject)
    if isinstance(data, LearnersMatchReading | LearnersMatchEndedReading):
        return LearnerMatchRow, (data.learner_id, data.opening_id)
    if isinstance(data, PathwayReading | PathwayEndReading):
        return LearnerPathwayRow, (data.learner_id, data.region)
    raise TypeError(f"not an event of the matching service: {type(data).__name__}")
