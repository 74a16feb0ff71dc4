"""Waits for the counts of a preview. No database session is open meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from makersync.feed.reading import Feed
from makersync.feed.routes import feed_in
from openings.adapters.preview_repository import PreviewRepository
from openings.domain.preview import Preview, PreviewStatus

#: How often a request that waits looks for the counts, seconds.
LOOK_EVERY_S = 0.25
#: Requests of one employer, and of all, that may wait in one process; others are answered at once.
MOST_OF_ONE, MOST_OF_ALL = 5, 40


@dataclass(frozen=True, slots=True)
class PreviewWaiting:
    """The requests of one application that wait. Its feed knows when the process is about to stop."""

    feed: Feed
    waiting: Counter[str] = field(default_factory=Counter)

    async def read(self, preview_id: str, scope: str | None, within_s: float) -> Preview:
        """The preview, once it is no longer pending or the time is over. Raises NoSuchThing, also for another employer's."""
        preview = await self._look(preview_id, scope)
        if not self._has_place(preview.employer_id):
            return preview
        with self._place(preview.employer_id):
            for _ in range(round(within_s / LOOK_EVERY_S)):
                if preview.status is not PreviewStatus.PENDING or self.feed.watch.is_over:
                    break
                await asyncio.sleep(LOOK_EVERY_S)
                preview = await self._look(preview_id, scope)
        return preview

    async def _look(self, preview_id: str, scope: str | None) -> Preview:
        async with self.feed.store.reading() as session:
            return await PreviewRepository(session, scope).get(preview_id)

    def _has_place(self, employer_id: str) -> bool:
        return self.waiting[employer_id] < MOST_OF_ONE and self.waiting.total() < MOST_OF_ALL

    @contextmanager
    def _place(self, employer_id: str) -> Iterator[None]:
        self.waiting[employer_id] += 1
        try:
            yield
        finally:
            self.waiting[employer_id] -= 1
            if not self.waiting[employer_id]:
                del self.waiting[employer_id]


def waiting_in(request: Request) -> PreviewWaiting:
    """One for all routes of the application."""
    state = request.app.state
    if not hasattr(state, "preview_waiting"):
        state.preview_waiting = PreviewWaiting(feed_in(request))
    waiting = state.preview_waiting
    assert isinstance(waiting, PreviewWaiting)
    return waiting


Waiting = Annotated[PreviewWaiting, Depends(waiting_in)]
