"""Whom the openings and drafts of one partition number reach: what is published of it after a batch (MARKET.md section 15)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from makersync.envelope import Envelope
from matching.application.refreshing import PacedMoment
from matching.application.settling import PartitionMarket, RuleSet, TakenSubject
from matching.application.waiting_drafts import DraftTurns, WaitingDraft
from matching.domain.market.subjects import MarketOpening
from matching.domain.pathways.refresh_plan import Overdue, RefreshPace, RefreshPlan
from matching.domain.reach.counting import OpeningCounts, counts_of_nobody
from matching.domain.reach.disclosure_control import told_of
from matching.domain.reach.published import AskedSubject, CountsChange, CountsRecord, PublishedCounts, terms_of

RATE, AT_ONCE, CHUNKS = 50, 10, 5
"""Openings that are counted per second and partition, with one batch, and transactions a second while a region is swept. One
takes 0.3 ms among 20,000 learners."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CountsAnnouncement:
    """A change of reach with what its event adds: the instant and rules it was true under, and the event it follows from."""

    change: CountsChange
    policy_version: int
    day: date
    as_of: datetime
    cause: Envelope | None


@dataclass(frozen=True, slots=True)
class CountsOutcome:
    """What follows from a batch: what to publish, the drafts that need not wait any longer, and how many openings were looked
    at."""

    announced: Sequence[CountsAnnouncement] = ()
    heard: Sequence[WaitingDraft] = ()
    looked_at: int = 0


class PartitionCounts:
    """Pure state without I/O or clock. A new object sweeps every region, so that openings that waited in the one before it are
    looked at."""

    def __init__(
        self,
        records: Mapping[str, Iterable[CountsRecord]],
        seconds: float,
        interval_s: float,
        floors: Mapping[str, int] | None = None,
        day: date | None = None,
    ) -> None:
        """`records` and `floors` by region; each region is looked at once per `interval_s` seconds. `day` is the market's."""
        self._plan = RefreshPlan(seconds)
        self._pace = RefreshPace(RATE, interval_s, AT_ONCE, CHUNKS)
        floors = floors or {}
        self._published = {
            region: PublishedCounts(region, records.get(region, ()), floors.get(region, 0), day)
            for region in records.keys() | floors.keys()
        }
        self._stands_on: tuple[RuleSet, date] | None = None
        self._expired_by: date | None = None
        self._heard: dict[tuple[str, str], int] = {}
        self._turns = DraftTurns()
        self._waiting_for_day: set[tuple[str, str]] = set()

    def floors(self) -> dict[str, int]:
        """By region, the version above which openings and drafts continue whose own versions were forgotten."""
        return {region: published.floor for region, published in self._published.items()}

    def due(self, seconds: float, waiting: Iterable[WaitingDraft]) -> bool:
        """Whether some opening may be looked at now, or a draft waits for its answer."""
        return any(self._is_news(draft) for draft in waiting) or self._plan.due(seconds, self._pace)

    def overdue(self, seconds: float) -> Overdue:
        """How far the looks at openings are behind the pace."""
        return self._plan.overdue(seconds, self._pace)

    def waiting_for_day(self) -> int:
        """How many live openings have changed their terms so often that the counts of the new ones wait for the next day, when
        they are looked at again."""
        return len(self._waiting_for_day)

    def refresh(
        self, market: PartitionMarket, news: Sequence[TakenSubject], waiting: Sequence[WaitingDraft], now: PacedMoment
    ) -> CountsOutcome:
        """Call it after `market` has taken `news`: once all is settled it answers who waits, and looks at what is due."""
        self._hear(news)
        self._hear_of_rules(market)
        if market.unsettled:
            return CountsOutcome()
        self._hear_of_expiry(market)
        news_of_drafts = [draft for draft in waiting if self._is_news(draft)]
        heard = self._turns.first(news_of_drafts, lambda draft: _steps(market, draft))
        changes = [(self._answer_or_log(market, draft), draft.cause) for draft in heard]
        causes = {(taken.region, taken.subject_id): taken.cause for taken in news if taken.kind == "opening"}
        due = self._plan.take(now.seconds, self._pace, lambda region: self._openings(market, region))
        changes += [(self._look_or_log(market, *each), causes.get(each)) for each in due]
        rules, day = market.rules, market.day
        announced = [
            CountsAnnouncement(change, rules.policy.version, day, now.at, cause)
            for change, cause in changes
            if change is not None
        ]
        return CountsOutcome(announced, heard, len(due))

    # What happened.

    def _hear(self, news: Sequence[TakenSubject]) -> None:
        for taken in news:
            if taken.kind == "opening":
                self._plan.subject_changed(taken.region, taken.subject_id)
            elif taken.kind == "learner":
                self._plan.region_changed(taken.region)

    def _hear_of_rules(self, market: PartitionMarket) -> None:
        stands_on = market.rules, market.day
        if stands_on != self._stands_on:
            self._stands_on = stands_on
            for region in {*market.markets, *self._published}:
                self._plan.region_changed(region)

    def _hear_of_expiry(self, market: PartitionMarket) -> None:
        """Openings that a day ended do not wait for the sweep of their region."""
        if self._expired_by == market.day:
            return
        self._expired_by = market.day
        for region, published in self._published.items():
            for opening_id in published.openings():
                if _live(market, region, opening_id) is None:
                    self._plan.subject_changed(region, opening_id)

    def _is_news(self, draft: WaitingDraft) -> bool:
        return draft.version > self._heard.get((draft.region, draft.draft_id), 0)

    # What is published of it.

    def _openings(self, market: PartitionMarket, region: str) -> Iterable[str]:
        """The live openings of the region, and those with published counts that are not live any more."""
        known = market.markets.get(region)
        live = () if known is None else known.live_openings()
        return dict.fromkeys([*live, *self._published_in(region).openings()])

    def _look_or_log(self, market: PartitionMarket, region: str, opening_id: str) -> CountsChange | None:
        """Nothing where counting fails: what is published stays until the next look, and matches go on."""
        try:
            return self._look(market, region, opening_id)
        except Exception:
            log.exception("opening_not_counted", region=region, opening=opening_id)
            return None

    def _look(self, market: PartitionMarket, region: str, opening_id: str) -> CountsChange | None:
        """Nothing for now where the employer has changed the terms too often: of the day, the counts before that stay."""
        opening, published = _live(market, region, opening_id), self._published_in(region)
        self._waiting_for_day.discard((region, opening_id))
        if opening is None:
            return published.end(opening_id, market.day)
        asked = AskedSubject(opening_id, opening.version, opening.employer_id, is_draft=False, terms=terms_of(opening))
        if published.must_wait(asked, market.day):
            self._waiting_for_day.add((region, opening_id))
            return None
        return published.publish(asked, told_of(_counted(market, opening)), market.day)

    def _answer_or_log(self, market: PartitionMarket, draft: WaitingDraft) -> CountsChange | None:
        """Nothing where counting fails: no draft may keep the market standing, and who asked gives it up after a while."""
        self._heard[draft.region, draft.draft_id] = draft.version
        try:
            return self._answer(market, draft)
        except Exception:
            log.exception("draft_not_counted", region=draft.region, draft=draft.draft_id, version=draft.version)
            return None

    def _answer(self, market: PartitionMarket, draft: WaitingDraft) -> CountsChange | None:
        """An answer for each version, equal or not to the one before it; nothing where it was given already."""
        published = self._published_in(draft.region)
        if published.answered(draft.draft_id) >= draft.version:
            return None
        if draft.opening is None:
            return published.end(draft.draft_id, market.day, draft.version)
        terms = terms_of(draft.opening)
        asked = AskedSubject(draft.draft_id, draft.version, draft.employer_id, is_draft=True, terms=terms)
        return published.publish(asked, told_of(_counted(market, draft.opening)), market.day)

    def _published_in(self, region: str) -> PublishedCounts:
        return self._published.setdefault(region, PublishedCounts(region))


def _live(market: PartitionMarket, region: str, opening_id: str) -> MarketOpening | None:
    known = market.markets.get(region)
    return None if known is None else known.live_opening(opening_id)


def _steps(market: PartitionMarket, draft: WaitingDraft) -> int:
    """About what the answer takes, 1 where nothing is counted."""
    known = market.markets.get(draft.region)
    return 1 if known is None or draft.opening is None else 1 + known.count_steps(draft.opening)


def _counted(market: PartitionMarket, opening: MarketOpening) -> OpeningCounts:
    known = market.markets.get(opening.region)
    return counts_of_nobody(opening) if known is None else known.count_learners(opening)
