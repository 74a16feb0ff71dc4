"""An employer goes from candidate to hire: it asks to meet somebody, the provider accepts, and the hire is confirmed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from demo.client.issued_ids import IssuedIds, Organisation
from demo.client.service_clients import RefusedByService, ServiceClients
from demo.market.cast import Cast
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.showing.narration import Narrator
from makersync.clock import Clock

_TRIED = 12
#: The product promises a second; the rest is for a machine that does much else.
_PATIENCE_S = 15.0
_POLL_S = 0.25
_CONTACT = "the hiring office, 216-555-0117"


@dataclass(frozen=True, slots=True)
class _Pair:
    """An opening and a candidate on its shortlist, with whose they are."""

    opening: OpeningDraft
    opening_id: str
    employer: Organisation
    learner: LearnerDraft
    learner_id: str
    provider: Organisation


class FirstHire:
    """Works once the market is loaded."""

    def __init__(self, clients: ServiceClients, ids: IssuedIds, cast: Cast, narrator: Narrator, clock: Clock) -> None:
        self._clients, self._ids, self._cast = clients, ids, cast
        self._narrator, self._clock = narrator, clock

    async def tell(self, say: Callable[[str], None]) -> None:
        """Say each step once it is done. Raises RefusedByService and ServiceAway; a later move of the market may have ended
        what the step was about."""
        pair = await self._find()
        if pair is None:
            say("No shortlist has a candidate to meet.")
            return
        # Both leave the play: what follows is theirs alone.
        self._cast.openings.remove(pair.opening.key)
        self._cast.learners.remove(pair.learner.key)
        introduction_id = await self._ask(pair, say)
        await self._accept(pair, introduction_id, say)
        await self._read_contact(pair, introduction_id, say)
        await self._hire(pair, introduction_id, say)

    async def _find(self) -> _Pair | None:
        learners = {self._ids.learners[one.key]: one for one in self._cast.learners if one.key in self._ids.learners}
        for opening in islice(self._known_openings(), _TRIED):
            opening_id, employer = self._ids.openings[opening.key], self._ids.employers[opening.employer]
            path = f"/v1/openings/{opening_id}/shortlist"
            listed = await self._clients.openings.get(employer.token, path)
            known = (one["learner_id"] for one in listed["candidates"] if one["learner_id"] in learners)
            if (learner_id := next(known, None)) is not None:
                learner = learners[learner_id]
                return _Pair(opening, opening_id, employer, learner, learner_id, self._ids.providers[learner.provider])
        return None

    def _known_openings(self) -> Iterator[OpeningDraft]:
        return (one for one in list(self._cast.openings) if one.key in self._ids.openings)

    async def _ask(self, pair: _Pair, say: Callable[[str], None]) -> str:
        body = {"learner_id": pair.learner_id, "message": "We would like to show you our shop.", "contact": _CONTACT}
        path = f"/v1/openings/{pair.opening_id}/introductions"
        made = await self._clients.openings.create(pair.employer.token, path, body, f"{pair.opening.key}-{pair.learner.key}")
        say(f"[asked] {pair.employer.name} asks to meet a candidate for {self._narrator.job(pair.opening)}")
        return str(made["introduction_id"])

    async def _accept(self, pair: _Pair, introduction_id: str, say: Callable[[str], None]) -> None:
        path = f"/v1/introductions/{introduction_id}"
        await self._until(lambda: self._clients.learners.get(pair.provider.token, path), "asked")
        await self._clients.learners.change(pair.provider.token, "POST", f"{path}/accept")
        say(f"[accepted] {pair.provider.name} accepts for its learner")

    async def _read_contact(self, pair: _Pair, introduction_id: str, say: Callable[[str], None]) -> None:
        path = f"/v1/introductions/{introduction_id}"
        await self._until(lambda: self._clients.openings.get(pair.employer.token, path), "accepted")
        granted = await self._clients.openings.create(pair.employer.token, f"{path}/contact-access", None, introduction_id)
        await self._until(lambda: self._clients.learners.get(granted["token"], f"/v1/contacts/{introduction_id}"))
        say(f"[contact] {pair.employer.name} reads the name and how to reach the person, in the learners service alone")

    async def _hire(self, pair: _Pair, introduction_id: str, say: Callable[[str], None]) -> None:
        path = f"/v1/introductions/{introduction_id}"
        await self._clients.openings.change(pair.employer.token, "POST", f"{path}/hire", {})
        await self._until(lambda: self._clients.learners.get(pair.provider.token, path), "hired")
        await self._clients.learners.change(pair.provider.token, "POST", f"{path}/confirm-hire")
        opening = await self._clients.openings.get(pair.employer.token, f"/v1/openings/{pair.opening_id}")
        filled = f"{opening['filled']} of {opening['positions']} filled"
        say(f"[hired] {pair.employer.name} hires, {filled}; {pair.provider.name} confirms, and the search has ended")

    async def _until(self, look: Callable[[], Awaitable[Any]], status: str | None = None) -> Any:
        """Look again until the other service has heard of it, and it stands so."""
        deadline = self._clock.monotonic() + _PATIENCE_S
        while True:
            try:
                found = await look()
                if status is None or found["status"] == status:
                    return found
            except RefusedByService as refusal:
                if refusal.status != 404 or self._clock.monotonic() > deadline:
                    raise
            if self._clock.monotonic() > deadline:
                raise RefusedByService(409, f"the introduction was not {status} within {_PATIENCE_S:g} s")
            await asyncio.sleep(_POLL_S)
