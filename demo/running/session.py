"""One run of the demo, from the first process to the last."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.client.issued_ids import IssuedIds, Organisation
from demo.client.service_clients import ServiceClient, ServiceClients, new_client
from demo.market.cast import Cast, empty_cast
from demo.market.generated_market import GeneratedMarket
from demo.market.play import Play
from demo.running.first_hire import FirstHire
from demo.running.live_phase import LivePhase, Plots
from demo.running.loading import Loader
from demo.running.observing import Observer
from demo.running.opening_preview import OpeningPreview
from demo.running.settling import settle
from demo.running.shortage_response import ShortageResponse
from demo.running.stack import SERVICES, Layout, Stack
from demo.running.submitting import Submitter
from demo.showing.indicator_text import indicator_words
from demo.showing.live_view import AccessPoint, access_table
from demo.showing.narration import Narrator
from demo.showing.reporting import Reporter
from demo.showing.summary import read_summary, summary_view
from makersync.clock import Clock
from makersync.members.offer import OPERATORS


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for. `rate` in moves a second; None: load, settle, sum up, end."""

    layout: Layout
    rate: float | None


class Session:
    """Works with a stack that somebody else stops."""

    def __init__(self, options: RunOptions, market: GeneratedMarket, reporter: Reporter, clock: Clock) -> None:
        self._options = options
        self._market = market
        self._reporter = reporter
        self._clock = clock
        self._ids = IssuedIds()
        self._cast: Cast = empty_cast()

    async def run(self, stack: Stack) -> None:
        """Ends by itself only without a rate. Raises OperatorError, Refused, DoorClosed."""
        started = self._clock.monotonic()
        self._reporter.say("Starting the broker and the services ...")
        await stack.start()
        self._say_done("Everything runs", started)
        async with new_client() as http:
            clients = {service: ServiceClient(http, self._options.layout.url(service)) for service in SERVICES}
            keys = {service: stack.operator_key(service) for service in SERVICES}
            await self._use(ServiceClients(clients["openings"], clients["learners"], clients["matching"], keys))

    async def _use(self, clients: ServiceClients) -> None:
        submitter = Submitter(clients, self._ids)
        await self._load(clients, submitter)
        if self._options.rate is None:
            await self._sum_up(clients, submitter)
        else:
            await self._live(clients, submitter, self._options.rate)

    async def _load(self, clients: ServiceClients, submitter: Submitter) -> None:
        started = self._clock.monotonic()
        with self._reporter.loading(_totals(self._market)) as advance:
            await Loader(self._market, clients, submitter, self._cast, advance).load()
        self._say_done("The market is loaded", started)

    async def _sum_up(self, clients: ServiceClients, submitter: Submitter) -> None:
        started = self._clock.monotonic()
        with self._reporter.settling() as report:
            await settle(clients, report)
        self._say_done("Every event is consumed", started)
        narrator = Narrator(self._market.atlas, self._ids)
        summary = await read_summary(clients)
        self._reporter.show(summary_view(summary, narrator))
        if summary.cells:
            self._reporter.say(await indicator_words(clients, summary.cells[0], narrator))
        answer = await self._shortage_response(clients, submitter, narrator).answer(summary.cells)
        if answer is not None:
            self._reporter.say(answer)
        await OpeningPreview(clients, self._ids, self._cast, narrator).tell(self._reporter.say)
        await self._first_hire(clients, narrator).tell(self._reporter.say)
        command = _short(Path(sys.executable).with_name("makersync"))
        self._reporter.say(
            f"Recompute every match: MAKERSYNC_STATE_FOLDER={_short(self._options.layout.folder)} "
            f"{command} market export market.json, then: {command} market verify market.json"
        )

    async def _live(self, clients: ServiceClients, submitter: Submitter, rate: float) -> None:
        access_points = self._access_points(clients)
        narrator = Narrator(self._market.atlas, self._ids)
        response = self._shortage_response(clients, submitter, narrator)
        preview = OpeningPreview(clients, self._ids, self._cast, narrator)
        plots = Plots(response, self._first_hire(clients, narrator), preview)
        phase = LivePhase(clients, submitter, Observer(clients, self._ids), plots, narrator, self._clock)
        with self._reporter.living(access_table(access_points)) as show:
            await phase.run(Play(self._market, self._cast), rate, access_points, show)

    def _shortage_response(self, clients: ServiceClients, submitter: Submitter, narrator: Narrator) -> ShortageResponse:
        return ShortageResponse(clients, submitter, self._market, self._cast, narrator, self._clock)

    def _first_hire(self, clients: ServiceClients, narrator: Narrator) -> FirstHire:
        return FirstHire(clients, self._ids, self._cast, narrator, self._clock)

    def _access_points(self, clients: ServiceClients) -> list[AccessPoint]:
        """The three services, with a key of an employer with many openings, of a provider, and of an operator."""
        busiest = Counter(opening.employer for opening in self._cast.openings).most_common(1)
        employer = self._ids.employers[busiest[0][0] if busiest else next(iter(self._ids.employers))]
        # Not the one that was admitted first, which is another one from run to run.
        provider = self._ids.providers[min(self._ids.providers)]
        operator = Organisation(OPERATORS, "an operator", clients.operator_keys["matching"])
        return [
            self._access_point("openings", "employer", employer, "/v1/openings", feed="/v1/feed/events"),
            self._access_point("learners", "provider", provider, "/v1/signals", feed="/v1/feed/events"),
            self._access_point("matching", "operator", operator, "/v1/markets"),
        ]

    def _access_point(self, service: str, role: str, who: Organisation, path: str, feed: str = "") -> AccessPoint:
        """The key goes into a file that curl can read: a command that contains it would not fit a line."""
        header = self._options.layout.folder / "keys" / role
        header.touch(mode=0o600)
        header.write_text(f"Authorization: Bearer {who.token}\n", encoding="ascii")
        url = self._options.layout.url(service)
        whose, given = f"for {role}s; the key of {who.name}:", f"-H @{_short(header)} {url}"
        follow = f"curl -N {given}{feed}" if feed else ""
        pages = self._options.layout.pages(service, who.id)
        return AccessPoint(service, whose, url, who.token, f"curl {given}{path}", follow, pages)

    def _say_done(self, what: str, since: float) -> None:
        self._reporter.say(f"{what} ({self._clock.monotonic() - since:.1f} s).")


def _totals(market: GeneratedMarket) -> Mapping[str, int]:
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
