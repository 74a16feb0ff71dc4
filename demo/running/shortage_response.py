"""A training provider answers a shortage: it plans a cohort and enrols learners, and the signal's pipeline answers in turn."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from demo.client.service_clients import RefusedByService, ServiceClients
from demo.market.cast import Cast
from demo.market.drafts import CohortDraft, LearnerDraft
from demo.market.generated_market import GeneratedMarket
from demo.running.submitting import Submitter
from demo.showing.figures import ShortageFigures, read_cell
from demo.showing.narration import Narrator
from makersync.clock import Clock

SEATS = 20
WEEKS = 12
ENROLLED = 3
_TRIED = 12
#: The product promises a second; the rest is for a machine that does much else.
_PATIENCE_S = 15.0
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class PlannedCohort:
    """A planned cohort, the learners enrolled in it, and the cell that it is meant for, as that was before."""

    draft: CohortDraft
    enrolled: int
    cell: ShortageFigures


class ShortageResponse:
    """Works once the market is loaded."""

    def __init__(
        self,
        clients: ServiceClients,
        submitter: Submitter,
        market: GeneratedMarket,
        cast: Cast,
        narrator: Narrator,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._submitter = submitter
        self._market = market
        self._cast = cast
        self._narrator = narrator
        self._clock = clock

    async def answer(self, cells: Sequence[ShortageFigures]) -> str | None:
        """Plan for the first of the cells that a provider can train for, those that nobody has answered first; in words,
        with the pipeline before and after.

        None when there is no such cell. Raises Refused, DoorClosed.
        """
        found = self._plan(cells)
        if found is None:
            return None
        draft, cell = found
        cohort_id = await self._submitter.plan(draft)
        planned = PlannedCohort(draft, await self._enrol(draft, cohort_id), cell)
        return self._words(planned, await self._cell_after(planned))

    def _plan(self, cells: Sequence[ShortageFigures]) -> tuple[CohortDraft, ShortageFigures] | None:
        providers = {provider.region: provider.key for provider in self._market.providers()}
        for cell in sorted(cells, key=lambda cell: cell.is_answered):
            if cell.region in providers and cell.top_credentials:
                return self._draft(providers[cell.region], cell), cell
        return None

    def _draft(self, provider: str, cell: ShortageFigures) -> CohortDraft:
        today = self._clock.today()
        return CohortDraft(
            key=f"{provider}-answer",
            provider=provider,
            credential=cell.top_credentials[0],
            region=cell.region,
            seats=SEATS,
            enrolled=0,
            starts_on=today,
            ends_on=today + timedelta(weeks=WEEKS),
        )

    async def _enrol(self, draft: CohortDraft, cohort_id: str) -> int:
        """How many of the provider's learners took a seat: some hold the credential already."""
        own = (learner for learner in list(self._cast.learners) if learner.provider == draft.provider)
        enrolled = 0
        for learner in islice(own, _TRIED):
            enrolled += await self._took_seat(learner, cohort_id)
            if enrolled == ENROLLED:
                break
        return enrolled

    async def _took_seat(self, learner: LearnerDraft, cohort_id: str) -> bool:
        try:
            await self._submitter.enrol(learner, cohort_id)
        except (RefusedByService, KeyError):
            return False
        return True

    async def _cell_after(self, cohort: PlannedCohort) -> ShortageFigures | None:
        """None when the cell has gone meanwhile."""
        before, deadline = _pipeline(cohort.cell), self._clock.monotonic() + _PATIENCE_S
        while True:
            cell = await read_cell(self._clients, cohort.cell)
            if _pipeline(cell) != before or self._clock.monotonic() > deadline:
                return cell
            await asyncio.sleep(_POLL_S)

    def _words(self, cohort: PlannedCohort, after: ShortageFigures | None) -> str:
        draft, cell, pipeline = cohort.draft, cohort.cell, _pipeline(after)
        ahead = f"; once those in training finish, it will be {after.level_ahead}" if after and after.level_ahead else ""
        return (
            f"[pipeline {_pipeline(cell)} -> {'none' if pipeline is None else pipeline}] "
            f"{self._narrator.provider(draft.provider)} plans {draft.seats} seats of {draft.credential} "
            f"and enrols {cohort.enrolled}, for {self._narrator.cell(cell.region, cell.subject)}{ahead}"
        )


def _pipeline(cell: ShortageFigures | None) -> int | None:
    return cell.components.get("pipeline") if cell else None
