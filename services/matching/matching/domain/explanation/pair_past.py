"""The past of one pair: what happened to its opening, its learner, its match and the rules, and what was so at a moment.

What happens after the same moment's other changes follows them: rules first, then the opening, the learner and the match.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum


class PastKind(StrEnum):
    """What an event of a pair is about, in the order in which those of one moment follow each other."""

    RULES = "rules"
    OPENING = "opening"
    LEARNER = "learner"
    MATCH = "match"


class PastChange(StrEnum):
    """What happened: a `state` was taken, or the subject `ended` in the region; a match was published; rules changed."""

    STATE = "state"
    ENDED = "ended"
    PROPOSED = "proposed"
    REVISED = "revised"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    POLICY = "policy"
    CATALOG = "catalog"


@dataclass(frozen=True, slots=True)
class PastState:
    """A version of an opening or a learner in a region; `applied_at` is None when it is not known since when it held."""

    version: int
    region: str
    has_ended: bool
    applied_at: datetime | None
    happened_at: datetime | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event of the pair: `score` of a live one, `reason`, `gate` and `unmet` of a withdrawal, and what it rested on."""

    version: int
    applied_at: datetime | None
    score: int | None
    reason: str | None
    gate: str | None
    unmet: tuple[str, ...]
    opening_version: int
    learner_version: int | None
    catalog_offset: int | None
    policy_version: int
    day: date


@dataclass(frozen=True, slots=True)
class PastRules:
    """The rules that markets went by from `at` on."""

    at: datetime
    catalog_offset: int
    policy_version: int
    day: date


@dataclass(frozen=True, slots=True)
class PairEvent:
    """One event of a pair, named by `key`. `published` is what a match's event said; `is_known` says whether the pair can be
    explained as of it."""

    key: str
    kind: PastKind
    change: PastChange
    version: int
    at: datetime | None
    happened_at: datetime | None = None
    event_id: str | None = None
    published: PublishedEvent | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class AsOf:
    """What a pair was judged by: versions, and the rules. None for a subject that was not known, or not here, then."""

    at: datetime
    opening: PastState | None
    learner: PastState | None
    rules: PastRules
    event: PairEvent | None = None


@dataclass(frozen=True, slots=True)
class PairPast:
    """Everything that is kept of a pair in the opening's `region`, each list with the oldest first. `since` is the moment from
    which on it can be explained; None when nothing is kept yet."""

    region: str
    opening: Sequence[PastState]
    learner: Sequence[PastState]
    matches: Sequence[PublishedEvent]
    rules: Sequence[PastRules]
    since: datetime | None

    def events(self) -> list[PairEvent]:
        """The newest first."""
        events = [*self._rule_events(), *self._subject_events(), *self._match_events()]
        order = list(PastKind)
        return sorted(events, key=lambda each: (_moment(each.at), order.index(each.kind), each.version), reverse=True)

    def event(self, name: str) -> PairEvent | None:
        """By its key, or by the id of the event that brought it."""
        return next((each for each in self.events() if name in (each.key, each.event_id)), None)

    def at_moment(self, at: datetime) -> AsOf | None:
        """None when it is not kept what was so then."""
        if not self._knows(at):
            return None
        rules = self.rules[max(0, bisect_right([each.at for each in self.rules], at) - 1)]
        return AsOf(at, _held(self.opening, at), self._learner_at(at), rules)

    def at_event(self, event: PairEvent) -> AsOf | None:
        """None when it is not kept what was so then."""
        found = self.at_moment(event.at) if event.at is not None else None
        if found is None:
            return None
        if event.published is not None:
            return self._at_match(found, event, event.published)
        opening, learner = found.opening, found.learner
        if event.kind is PastKind.OPENING:
            opening = _version(self.opening, event.version)
        if event.kind is PastKind.LEARNER:
            learner = self._learner_of(event.version)
        return AsOf(found.at, opening, learner, found.rules, event)

    def _at_match(self, found: AsOf, event: PairEvent, published: PublishedEvent) -> AsOf:
        """Exactly by what it rested on, however the clocks of two processes differed."""
        learner = found.learner
        if published.learner_version is not None:
            learner = self._learner_of(published.learner_version)
        offset = found.rules.catalog_offset if published.catalog_offset is None else published.catalog_offset
        rules = PastRules(found.rules.at, offset, published.policy_version, published.day)
        return AsOf(found.at, _version(self.opening, published.opening_version), learner, rules, event)

    def _knows(self, at: datetime) -> bool:
        return self.since is not None and at >= self.since and bool(self.rules)

    def _learner_at(self, at: datetime) -> PastState | None:
        """As known in the region, else as known in another one that the learner reached then, the newest."""
        regions = {each.region for each in self.learner}
        held = [_held([each for each in self.learner if each.region == region], at) for region in sorted(regions)]
        living = [each for each in held if each is not None and not each.has_ended]
        return max(living, key=lambda each: (each.region == self.region, each.version), default=None)

    def _learner_of(self, version: int) -> PastState | None:
        same = [each for each in self.learner if each.version == version and not each.has_ended]
        return max(same, key=lambda each: each.region == self.region, default=None)

    def _subject_events(self) -> Iterable[PairEvent]:
        learner = {each.version: each for each in sorted(self.learner, key=lambda each: each.region == self.region)}
        for kind, states in ((PastKind.OPENING, self.opening), (PastKind.LEARNER, learner.values())):
            for each in states:
                change = PastChange.ENDED if each.has_ended else PastChange.STATE
                key, is_known = f"{kind}-{each.version}", each.applied_at is not None and self._knows(each.applied_at)
                yield PairEvent(
                    key, kind, change, each.version, each.applied_at, each.happened_at, each.event_id, is_known=is_known
                )

    def _match_events(self) -> Iterable[PairEvent]:
        live: dict[int, bool] = {each.version: each.reason is None for each in self.matches}
        for each in self.matches:
            change, before = PastChange.WITHDRAWN, live.get(each.version - 1)
            if each.reason is None and (before is not None or each.version == 1):
                change = PastChange.REVISED if before else PastChange.PROPOSED
            elif each.reason is None:
                change = PastChange.PUBLISHED
            is_known = each.applied_at is not None and self._knows(each.applied_at)
            key = f"{PastKind.MATCH}-{each.version}"
            yield PairEvent(key, PastKind.MATCH, change, each.version, each.applied_at, published=each, is_known=is_known)

    def _rule_events(self) -> Iterable[PairEvent]:
        """Of the policy and the catalog. A day that begins is told by what follows from it."""
        for before, now in zip(self.rules, self.rules[1:], strict=False):
            known = self._knows(now.at)
            if before.policy_version != now.policy_version:
                yield _rules_event(PastChange.POLICY, now.policy_version, now.at, known)
            if before.catalog_offset != now.catalog_offset:
                yield _rules_event(PastChange.CATALOG, now.catalog_offset, now.at, known)


def _rules_event(change: PastChange, version: int, at: datetime, is_known: bool) -> PairEvent:
    return PairEvent(f"{change}-{version}", PastKind.RULES, change, version, at, is_known=is_known)


def _held(states: Sequence[PastState], at: datetime) -> PastState | None:
    """The state of one subject that held at a moment."""
    return max((each for each in states if _moment(each.applied_at) <= at), key=lambda each: each.version, default=None)


def _version(states: Sequence[PastState], version: int) -> PastState | None:
    return next((each for each in states if each.version == version and not each.has_ended), None)


def _moment(at: datetime | None) -> datetime:
    return at or datetime.min.replace(tzinfo=UTC)
