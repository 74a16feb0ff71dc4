"""Which learners have been erased, so that events that arrive late bring nothing of them back."""

from collections.abc import Collection

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import ErasedLearnerRow


async def erased_among(session: AsyncSession, learner_ids: Collection[str]) -> frozenset[str]:
    if not learner_ids:
        return frozenset()
    statement = select(ErasedLearnerRow.learner_id).where(col(ErasedLearnerRow.learner_id).in_(learner_ids))
    return frozenset((await session.exec(statement)).all())
