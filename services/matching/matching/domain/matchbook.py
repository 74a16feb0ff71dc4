"""The last event of every pair of a region (MARKET.md section 10)."""

from collections.abc import Iterable, Mapping

from matching.domain.records import NO_BASIS, NO_FACTS, MatchBasis, MatchFacts, MatchRecord

Pair = tuple[str, str]
"""Opening id and learner id."""


class MatchBook:
    """The last event of every pair that ever had one; versions grow by one with each."""

    def __init__(self, records: Iterable[MatchRecord]) -> None:
        self._ended: dict[Pair, MatchRecord] = {}
        self._live: dict[str, dict[str, MatchRecord]] = {}
        self._openings_with: dict[str, set[str]] = {}
        for record in records:
            self._keep(record)

    def live_of(self, opening_id: str) -> Mapping[str, MatchRecord]:
        """The live matches of an opening by learner id."""
        return self._live.get(opening_id, {})

    def openings(self) -> set[str]:
        """The openings that have live matches."""
        return {opening_id for opening_id, live in self._live.items() if live}

    def openings_with(self, learner_id: str) -> frozenset[str]:
        """The openings that a learner has a live match with."""
        return frozenset(self._openings_with.get(learner_id, ()))

    def enter(self, pair: Pair, facts: MatchFacts, basis: MatchBasis) -> MatchRecord:
        """Record a proposed or revised match."""
        return self._keep(MatchRecord(*pair, self._next_version(pair), live=True, facts=facts, basis=basis))

    def leave(self, record: MatchRecord) -> MatchRecord:
        """Record that a live match ended; only its version is kept, so that nothing is left to erase later."""
        pair = (record.opening_id, record.learner_id)
        version = self._next_version(pair)
        return self._keep(MatchRecord(*pair, version, live=False, facts=NO_FACTS, basis=NO_BASIS))

    def records(self) -> tuple[MatchRecord, ...]:
        """The last event of every pair, by opening and learner id."""
        live = [record for by_learner in self._live.values() for record in by_learner.values()]
        return tuple(sorted([*live, *self._ended.values()], key=lambda record: (record.opening_id, record.learner_id)))

    def _next_version(self, pair: Pair) -> int:
        last = self.live_of(pair[0]).get(pair[1]) or self._ended.get(pair)
        return last.version + 1 if last is not None else 1

    def _keep(self, record: MatchRecord) -> MatchRecord:
        pair = (record.opening_id, record.learner_id)
        if record.live:
            self._ended.pop(pair, None)
            self._live.setdefault(record.opening_id, {})[record.learner_id] = record
            self._openings_with.setdefault(record.learner_id, set()).add(record.opening_id)
        else:
            self._live.get(record.opening_id, {}).pop(record.learner_id, None)
            self._openings_with.get(record.learner_id, set()).discard(record.opening_id)
            self._ended[pair] = record
        return record
