"""A reader of what one region's market publishes: folds it as a service would, and checks each event on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import market_oracle
from markets import Document

from matching.domain.cells.shortage_cell import Signal
from matching.domain.region.state import Settlement
from matching.domain.rules.matches import MatchChange, MatchKind, MatchRecord

Pair = tuple[str, str]
"""Opening id and learner id."""


@dataclass(frozen=True)
class Heard:
    """What a region has received by the time it settles.

    `market` is the market file of the known world; `versions` are the newest of each (kind, id); `erased` are learners.
    """

    region: str
    market: Document
    versions: Mapping[tuple[str, str], int]
    erased: frozenset[str]

    def opening(self, opening_id: str) -> Document | None:
        return self._named("openings", "opening_id", opening_id)

    def learner(self, learner_id: str) -> Document | None:
        """None as well for one who no longer reaches the region: the region knows nothing of them."""
        found = self._named("learners", "learner_id", learner_id)
        return found if found is not None and market_oracle.reaches(found, self.region) else None

    def _named(self, kind: str, name: str, subject_id: str) -> Document | None:
        return next((subject for subject in self.market[kind] if subject[name] == subject_id), None)


@dataclass(frozen=True)
class Basis:
    """What a match rested on at its last event, as far as the reason of its end depends on it (section 10)."""

    opening_version: int
    groups: list[Document]
    awards: set[tuple[str, str, str]]

    @classmethod
    def of(cls, heard: Heard, pair: Pair) -> "Basis":
        opening, learner = heard.opening(pair[0]), heard.learner(pair[1])
        assert opening is not None and learner is not None
        return cls(opening["version"], opening["groups"], _awards(heard.market, learner))


@dataclass
class Reader:
    """Folds the changes of one region; raises AssertionError at the first that is not what section 10 or 13 says."""

    live: dict[Pair, MatchRecord] = field(default_factory=dict)
    match_versions: dict[Pair, int] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)
    bases: dict[Pair, Basis] = field(default_factory=dict)

    def consume(self, settlement: Settlement, heard: Heard) -> None:
        """Take one settlement, whose order, versions and reasons must be right."""
        pairs = [(change.record.opening_id, change.record.learner_id) for change in settlement.matches]
        assert pairs == sorted(set(pairs))
        for pair, change in zip(pairs, settlement.matches, strict=True):
            assert change.record.version > self.match_versions.get(pair, 0)
            self.match_versions[pair] = change.record.version
            _check_what_it_stands_on(change, pair, heard)
            self._fold_match(pair, change, heard)
        subjects = [signal.subject for signal in settlement.signals]
        assert subjects == sorted(set(subjects))
        for signal in settlement.signals:
            self._fold_signal(signal)

    def _fold_match(self, pair: Pair, change: MatchChange, heard: Heard) -> None:
        if change.kind == MatchKind.WITHDRAWN:
            assert not change.record.live and change.reason is not None
            assert change.reason.value == expected_reason(heard, pair, self.bases.pop(pair))
            del self.live[pair]
            return
        assert change.record.live and change.reason is None
        if change.kind == MatchKind.PROPOSED:
            assert pair not in self.live
        else:
            assert self.live[pair].facts.revising != change.record.facts.revising
        self.live[pair], self.bases[pair] = change.record, Basis.of(heard, pair)

    def _fold_signal(self, signal: Signal) -> None:
        last = self.signals.get(signal.subject)
        assert signal.version == (last.version if last else 0) + 1
        was = last.level.word if last else "insufficient_data"
        assert signal.kind.value == expected_kind(was, signal.level.word)
        assert last is None or has_news(last, signal)
        self.signals[signal.subject] = signal


def _check_what_it_stands_on(change: MatchChange, pair: Pair, heard: Heard) -> None:
    assert change.opening_version == heard.versions["opening", pair[0]]
    assert change.learner_version == heard.versions["learner", pair[1]]
    assert change.policy_version == market_oracle.policy_of(heard.market)["version"]
    assert change.day.isoformat() == heard.market["day"]


def expected_reason(heard: Heard, pair: Pair, basis: Basis) -> str:
    """Section 10: the first reason that applies to a pair that left the shortlist."""
    opening, learner = heard.opening(pair[0]), heard.learner(pair[1])
    if pair[1] in heard.erased:
        return "erased"
    if learner is not None and not learner["consents_to_matching"]:
        return "consent_withdrawn"
    if opening is None or opening["status"] != "open" or market_oracle.remaining(opening) <= 0:
        return "opening_closed"
    if "closes_on" in opening and heard.market["day"] > opening["closes_on"]:
        return "opening_expired"
    if learner is None or not market_oracle.passes_gates(opening, learner):
        return "opening_changed" if opening["version"] > basis.opening_version else "learner_unavailable"
    if not market_oracle.unmet_required(heard.market, opening, learner):
        return "outranked"
    if opening["groups"] != basis.groups:
        return "opening_changed"
    return "rules_changed" if _awards(heard.market, learner) == basis.awards else "credential_lapsed"


def _awards(market: Document, learner: Document) -> set[tuple[str, str, str]]:
    in_force = market_oracle.awards_in_force(market, learner)
    return {(award["award_id"], award["credential"], award["evidence"]) for award in in_force}


def has_news(last: Signal, signal: Signal) -> bool:
    """Section 13: a level or a level ahead that is another, or a component that moved by more than a tenth."""
    components = ("demand", "supply", "pipeline", "blocked")
    pairs = [(getattr(last.measure, name), getattr(signal.measure, name)) for name in components]
    moved = any(10 * abs(new - old) > old for old, new in pairs)
    return moved or (last.level, last.level_ahead) != (signal.level, signal.level_ahead)


def expected_kind(was: str, now: str) -> str:
    """The kind of a signal by section 13, from its levels alone."""
    high = ("shortage", "severe")
    if now == "insufficient_data":
        return "silenced"
    if now in high and (was not in high or (was, now) == ("shortage", "severe")):
        return "raised"
    if (was, now) == ("severe", "shortage"):
        return "eased"
    return "cleared" if was in high and now not in high else "revised"
