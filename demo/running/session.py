"""One run of the demo, from the first process to the last."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.market.cast import Cast, empty_cast
from demo.market.play import Play
from demo.market.whole import DemoMarket
from demo.running.answering import Answering
from demo.running.book import Book, Organisation
from demo.running.clerk import Clerk
from demo.running.front_doors import FrontDoor, FrontDoors, new_client
from demo.running.living import LivePhase
from demo.running.loading import Loader
from demo.running.observing import Observer
from demo.running.settling import settle
from demo.running.stack import SERVICES, Layout, Stack
from demo.showing.indicating import indicator_words
from demo.showing.live_view import Door, doors_table
from demo.showing.reporting import Reporter
from demo.showing.summary import read_summary, summary_view
from demo.showing.telling import Teller
from makersync.clock import Clock


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user asked for. `rate` in moves a second; None: load, settle, sum up, end."""

    layout: Layout
    rate: float | None


class Session:
    """Works with a stack that somebody else stops."""

    def __init__(self, wishes: Wishes, market: DemoMarket, reporter: Reporter, clock: Clock) -> None:
        self._wishes = wishes
        self._market = market
        self._reporter = reporter
        self._clock = clock
        self._book = Book()
        self._cast: Cast = empty_cast()

    async def run(self, stack: Stack) -> None:
        """Ends by itself only without a rate. Raises OperatorError, Refused, DoorClosed."""
        started = self._clock.monotonic()
        self._reporter.say("Starting the broker and the services ...")
        await stack.start()
        self._say_done("Everything runs", started)
        async with new_client() as client:
            door = {service: FrontDoor(client, self._wishes.layout.url(service)) for service in SERVICES}
            keys = {service: stack.operator_key(service) for service in SERVICES}
            await self._use(FrontDoors(door["openings"], door["learners"], door["matching"], keys))

    async def _use(self, doors: FrontDoors) -> None:
        clerk = Clerk(doors, self._book)
        await self._load(doors, clerk)
        if self._wishes.rate is None:
            await self._sum_up(doors, clerk)
        else:
            await self._live(doors, clerk, self._wishes.rate)

    async def _load(self, doors: FrontDoors, clerk: Clerk) -> None:
        started = self._clock.monotonic()
        with self._reporter.loading(_totals(self._market)) as advance:
            await Loader(self._market, doors, clerk, self._cast, advance).load()
        self._say_done("The market is loaded", started)

    async def _sum_up(self, doors: FrontDoors, clerk: Clerk) -> None:
        started = self._clock.monotonic()
        with self._reporter.settling() as told:
            await settle(doors, told)
        self._say_done("Every event is consumed", started)
        teller = Teller(self._market.atlas, self._book)
        summary = await read_summary(doors)
        self._reporter.show(summary_view(summary, teller))
        if summary.cells:
            self._reporter.say(await indicator_words(doors, summary.cells[0], teller))
        answer = await self._answering(doors, clerk, teller).answer(summary.cells)
        if answer is not None:
            self._reporter.say(answer)
        command = _short(Path(sys.executable).with_name("makersync"))
        self._reporter.say(
            f"Recompute every match: MAKERSYNC_STATE_FOLDER={_short(self._wishes.layout.folder)} "
            f"{command} market export market.json, then: {command} market verify market.json"
        )

    async def _live(self, doors: FrontDoors, clerk: Clerk, rate: float) -> None:
        entrances = self._entrances(doors)
        teller = Teller(self._market.atlas, self._book)
        answering = self._answering(doors, clerk, teller)
        phase = LivePhase(doors, clerk, Observer(doors, self._book), answering, teller, self._clock)
        with self._reporter.living(doors_table(entrances)) as show:
            await phase.run(Play(self._market, self._cast), rate, entrances, show)

    def _answering(self, doors: FrontDoors, clerk: Clerk, teller: Teller) -> Answering:
        return Answering(doors, clerk, self._market, self._cast, teller, self._clock)

    def _entrances(self, doors: FrontDoors) -> list[Door]:
        """The three front doors, with a key of an employer with many openings, of a provider, and of an operator."""
        busiest = Counter(opening.employer for opening in self._cast.openings).most_common(1)
        employer = self._book.employers[busiest[0][0] if busiest else next(iter(self._book.employers))]
        provider = next(iter(self._book.providers.values()))
        operator = Organisation("", "an operator", doors.operator_keys["matching"])
        return [
            self._entrance("openings", "employer", employer, "/v1/openings"),
            self._entrance("learners", "provider", provider, "/v1/signals"),
            self._entrance("matching", "operator", operator, "/v1/markets"),
        ]

    def _entrance(self, service: str, role: str, who: Organisation, path: str) -> Door:
        """The key goes into a file that curl can read: a command that contains it would not fit a line."""
        header = self._wishes.layout.folder / "keys" / role
        header.touch(mode=0o600)
        header.write_text(f"Authorization: Bearer {who.token}\n", encoding="ascii")
        url = self._wishes.layout.url(service)
        return Door(service, f"for {role}s; the key of {who.name}:", url, who.token, f"curl -H @{_short(header)} {url}{path}")

    def _say_done(self, what: str, since: float) -> None:
        self._reporter.say(f"{what} ({self._clock.monotonic() - since:.1f} s).")


def _totals(market: DemoMarket) -> Mapping[str, int]:
    plan = market.plan
    things: Mapping[str, Sequence[object]] = {
        "employers": list(market.employers()),
        "providers": list(market.providers()),
        "cohorts": list(market.cohorts()),
    }
    return {kind: len(made) for kind, made in things.items()} | {"openings": plan.openings, "learners": plan.learners}


def _short(path: Path) -> Path:
    """Relative where that is possible, to be read and copied easily."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path.resolve()
