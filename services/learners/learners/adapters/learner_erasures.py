"""Which learners have been erased, so that events that arrive late bring nothing of them back."""

from collections.abc import Collection, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.learner_tables import ErasedLearnerRow, LearnerRow


async def erased_among(session: AsyncSession, learner_ids: Collection[str]) -> frozenset[str]:
    if not learner_ids:
        return frozenset()
    statement = select(ErasedLearnerRow.learner_id).where(col(ErasedLearnerRow.learner_id).in_(learner_ids))
    return frozenset((await session.exec(statement)).all())


async def hold_learners(session: AsyncSession, learner_ids: Collection[str]) -> Mapping[str, str]:
    """The provider of each learner whom this service has. None of them is erased before the end of the transaction."""
    if not learner_ids:
        return {}
    here = select(LearnerRow.learner_id, LearnerRow.provider_id).where(col(LearnerRow.learner_id).in_(learner_ids))
    held = here.order_by(col(LearnerRow.learner_id)).with_for_update(read=True, key_share=True)
    return dict((await session.exec(held)).all())
