"""What a move changes: asked of the services a moment later, as an employer or a provider would."""

import asyncio

from demo.client.issued_ids import IssuedIds
from demo.client.service_clients import ServiceClients
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.moves import CloseOpening, FillPosition, Move, PublishOpening, RegisterLearner, ReviseOpening

#: The product promises a second; the rest is for a machine that does much else.
_LATER_S = 1.5


class Observer:
    """Counts the live matches of the openings and learners that moves are about."""

    def __init__(self, clients: ServiceClients, ids: IssuedIds) -> None:
        self._clients = clients
        self._ids = ids

    async def before(self, move: Move) -> int | None:
        """What a later look is compared with; None for what is new."""
        return None if isinstance(move, PublishOpening | RegisterLearner) else await self._count(move)

    async def after(self, move: Move, before: int | None) -> str:
        """What has come of it, in words; empty when nothing has."""
        await asyncio.sleep(_LATER_S)
        count = await self._count(move)
        if count is None:
            return f"{_matches(before)} withdrawn" if before else ""
        if before is None:
            return _matches(count)
        return "" if before == count else f"{before} -> {_matches(count)}"

    async def _count(self, move: Move) -> int | None:
        if isinstance(move, PublishOpening | ReviseOpening | FillPosition | CloseOpening):
            return await self._candidates(move.opening)
        return await self._matches(move.learner)

    async def _candidates(self, opening: OpeningDraft) -> int | None:
        """None when it is closed."""
        if opening.key not in self._ids.openings:
            return None
        token, opening_id = self._ids.employers[opening.employer].token, self._ids.openings[opening.key]
        found = await self._clients.openings.get(token, f"/v1/openings/{opening_id}")
        return int(found["candidates"])

    async def _matches(self, learner: LearnerDraft) -> int | None:
        """None when the learner is erased."""
        if learner.key not in self._ids.learners:
            return None
        token, learner_id = self._ids.providers[learner.provider].token, self._ids.learners[learner.key]
        found = await self._clients.learners.get(token, f"/v1/learners/{learner_id}/matches?limit=1")
        return int(found["live_count"])


def _matches(count: int) -> str:
    return f"{count} match{'' if count == 1 else 'es'}"
