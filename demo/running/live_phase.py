"""The live phase: the market moves, and everything that comes of it is shown, until it is cancelled."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from demo.client.service_clients import RefusedByService, ServiceAway, ServiceClients
from demo.market.moves import Move
from demo.market.play import Play
from demo.running.first_hire import FirstHire
from demo.running.observing import Observer
from demo.running.opening_preview import OpeningPreview
from demo.running.performing import make, paced
from demo.running.shortage_response import ShortageResponse
from demo.running.submitting import Submitter
from demo.showing.figures import Figures, ShortageFigures, read_figures, read_halts, read_short_cells
from demo.showing.indicator_text import indicator_words
from demo.showing.live_view import AccessPoint, LiveView, Ticker
from demo.showing.narration import Narrator
from demo.showing.reporting import Show
from makersync.clock import Clock

_LOOK_S = 1.0
_CELLS_EVERY = 3
_HALTS_S = 3.0
#: After this many seconds without news the market is quiet, and looked at less often: looking costs requests too.
_QUIET_AFTER_S = 15.0
_QUIET_FACTOR = 10
_MOST_CELLS = 600
#: Of very fast moves only some are followed, for the same reason.
_MOST_FOLLOWED = 4


@dataclass(slots=True)
class LiveFigures:
    """What the live phase has done so far."""

    started: datetime
    moves: int = 0
    ticker: Ticker = field(default_factory=Ticker)


@dataclass(frozen=True, slots=True)
class Plots:
    """What some of the cast do beside the random moves."""

    shortage_response: ShortageResponse
    first_hire: FirstHire
    preview: OpeningPreview


class LivePhase:
    """Moves and looks."""

    def __init__(
        self,
        clients: ServiceClients,
        submitter: Submitter,
        observer: Observer,
        plots: Plots,
        narrator: Narrator,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._submitter = submitter
        self._observer = observer
        self._plots = plots
        self._answered = False
        self._narrator = narrator
        self._clock = clock
        self._figures = LiveFigures(clock.now())
        self._followed = 0
        self._levels: dict[tuple[str, str], str] | None = None
        self._halts: Sequence[str] = ()
        self._last_read: Figures | None = None
        self._news_at = clock.monotonic()

    async def run(self, play: Play, rate: float, access_points: Sequence[AccessPoint], show: Show) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(access_points, show, group))
            group.create_task(self._watch())
            group.create_task(self._preview())
            group.create_task(self._hire())
            async for move in paced(self._moves(play), rate):
                await self._make(move, group)

    def _moves(self, play: Play) -> Iterator[Move]:
        while True:
            yield play.next_move(self._clock.today())

    async def _make(self, move: Move, group: asyncio.TaskGroup) -> None:
        words = self._narrator.move(move)
        follow = self._followed < _MOST_FOLLOWED
        try:
            before = await self._observer.before(move) if follow else None
            await make(self._submitter, move)
        except (RefusedByService, ServiceAway, KeyError) as refusal:
            self._report(f"{words}: not done, {refusal}")
            return
        self._figures.moves += 1
        self._news_at = self._clock.monotonic()
        if follow:
            group.create_task(self._follow(move, words, before))
        else:
            self._report(words)

    async def _follow(self, move: Move, words: str, before: int | None) -> None:
        self._followed += 1
        try:
            outcome = await self._observer.after(move, before)
        except (RefusedByService, ServiceAway):
            outcome = ""  # a later move has ended what this one was about
        finally:
            self._followed -= 1
        self._report(f"[{outcome}] {words}" if outcome else words)

    async def _answer(self, cells: Sequence[ShortageFigures]) -> None:
        try:
            self._report(await indicator_words(self._clients, cells[0], self._narrator))
            self._report(await self._plots.shortage_response.answer(cells) or "No provider can train for what is short.")
        except (RefusedByService, ServiceAway) as refusal:
            self._report(f"A provider's answer to a shortage was not possible: {refusal}")

    async def _preview(self) -> None:
        try:
            await self._plots.preview.tell(self._report)
        except (RefusedByService, ServiceAway) as refusal:
            self._report(f"A preview was not possible: {refusal}")

    async def _hire(self) -> None:
        try:
            await self._plots.first_hire.tell(self._report)
        except (RefusedByService, ServiceAway) as refusal:
            self._report(f"An introduction came to nothing: {refusal}")

    async def _look(self, access_points: Sequence[AccessPoint], show: Show, group: asyncio.TaskGroup) -> None:
        """Show the figures every second while there is news, and tell now and then which cells have become short or eased; a
        provider answers the first of them."""
        looks = 0
        while True:
            try:
                figures = await self._read()
                if looks % _CELLS_EVERY == 0:
                    cells = await read_short_cells(self._clients, _MOST_CELLS)
                    self._compare(cells)
                    if cells and not self._answered:
                        self._answered = True
                        group.create_task(self._answer(cells))
            except (ServiceAway, RefusedByService) as trouble:
                self._report(str(trouble))
            else:
                elapsed = self._clock.now() - self._figures.started
                view = LiveView(figures, self._figures.ticker, access_points, elapsed, self._figures.moves, self._halts)
                show(view, view.line())
            looks += 1
            await asyncio.sleep(self._pause(_LOOK_S))

    async def _read(self) -> Figures:
        figures = await read_figures(self._clients)
        if figures != self._last_read:
            self._last_read, self._news_at = figures, self._clock.monotonic()
        return figures

    def _pause(self, seconds: float) -> float:
        is_quiet = self._clock.monotonic() - self._news_at > _QUIET_AFTER_S
        return seconds * (_QUIET_FACTOR if is_quiet else 1)

    async def _watch(self) -> None:
        """Read the halted partitions, in a task of its own: without a broker they come late, and must not delay the figures."""
        while True:
            try:
                self._halts = await read_halts(self._clients)
            except (ServiceAway, RefusedByService) as trouble:
                self._report(str(trouble))
            await asyncio.sleep(_HALTS_S)
        self._news_at = self._clock.monotonic()

    def _compare(self, cells: Sequence[ShortageFigures]) -> None:
        levels = {(cell.region, cell.subject): cell.level for cell in cells}
        for cell in sorted({*levels, *(self._levels or {})}) if self._levels is not None else ():
            was, now = (self._levels or {}).get(cell), levels.get(cell)
            if was != now:
                self._report(f"{self._narrator.cell(*cell)}: {was or 'no shortage'} -> {now or 'no shortage'}")
        self._levels = levels

    def _report(self, happening: str) -> None:
        self._figures.ticker.add(self._clock.now(), happening)
