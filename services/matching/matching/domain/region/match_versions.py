"""The last event of every pair of a region (MARKET.md section 10).

There are many matches, and the facts of each follow from the market. So only a digest is kept of a live one, which shows
whether its facts have changed. Of those that ended only versions are kept, and when there are too many, only the highest.
"""

import struct
from collections.abc import Iterable, Iterator, KeysView
from hashlib import blake2b
from sys import intern
from typing import TypeVar

import msgspec
from msgspec import Struct

from matching.domain.rules.matches import MOST_OWN, NO_BASIS, NO_FACTS, MatchBasis, MatchFacts, MatchRecord, StoredMatch

ValueT = TypeVar("ValueT")
Pair = tuple[str, str]
"""Opening id and learner id."""
DIGEST_BYTES = 16
FEWEST_ENDED = 1000
"""Up to this many ended matches are remembered one by one, or as many as there are live ones."""
_PACKED = struct.Struct(f"<QQ{DIGEST_BYTES}s{DIGEST_BYTES}s{DIGEST_BYTES}s")
_NOBODY: dict[str, bytes] = {}
_NEVER: dict[str, int] = {}
_encode = msgspec.msgpack.Encoder().encode


class KeptMatch(Struct, frozen=True):
    """What is kept of a live match: its version, the digest of its facts, and its basis."""

    version: int
    facts: bytes
    basis: MatchBasis


def facts_digest(facts: MatchFacts) -> bytes:
    """Equal for facts between which no revision lies (section 10), and only for those (16 bytes). The awards are stated beside
    them: another end of one is no event, and one from before they were stated is as good as one that states them."""
    return blake2b(_encode(facts.revising), digest_size=DIGEST_BYTES).digest()


class MatchVersions:
    """The last event of every pair; versions grow with each.

    `floor` is the highest version of any pair that was forgotten. A pair that is not known continues above it, and so above
    any version that it may have had.
    """

    def __init__(self, stored: Iterable[StoredMatch], floor: int = 0) -> None:
        self._ended: dict[str, dict[str, int]] = {}
        self._live: dict[str, dict[str, bytes]] = {}
        self._ended_count = self._live_count = 0
        self.floor = floor
        for each in stored:
            if each.facts is not None or each.version > floor:
                self._keep(each)

    def live_of(self, opening_id: str) -> KeysView[str]:
        """The learners who have a live match with an opening."""
        return self._live.get(opening_id, _NOBODY).keys()

    def openings(self) -> set[str]:
        """The openings that have live matches."""
        return {opening_id for opening_id, live in self._live.items() if live}

    def kept(self, pair: Pair) -> KeptMatch | None:
        """A live match."""
        packed = self._live.get(pair[0], _NOBODY).get(pair[1])
        return None if packed is None else _unpacked(packed)

    def enter(self, pair: Pair, facts: MatchFacts, digest: bytes, basis: MatchBasis) -> MatchRecord:
        """Record a proposed or revised match; `digest` is that of the facts."""
        version = self._next_version(pair)
        self._keep(StoredMatch(*pair, version, digest, basis))
        return MatchRecord(*pair, version, live=True, facts=facts, basis=basis)

    def leave(self, pair: Pair) -> MatchRecord:
        """Record that a live match ended; only its version is kept, so that nothing is left to erase later."""
        version = self._next_version(pair)
        self._keep(StoredMatch(*pair, version))
        return MatchRecord(*pair, version, live=False, facts=NO_FACTS, basis=NO_BASIS)

    def stored(self) -> Iterator[StoredMatch]:
        """The last event of every pair, in no order."""
        for opening_id, live in self._live.items():
            for learner_id, packed in live.items():
                kept = _unpacked(packed)
                yield StoredMatch(opening_id, learner_id, kept.version, kept.facts, kept.basis)
        for opening_id, ended in self._ended.items():
            for learner_id, version in ended.items():
                yield StoredMatch(opening_id, learner_id, version)

    def forget_ended(self) -> None:
        """Forget the matches that ended, when there are more of them than live ones, and many."""
        if self._ended_count > max(FEWEST_ENDED, self._live_count):
            ended, self._ended, self._ended_count = self._ended, {}, 0
            for opening_id, versions in ended.items():
                for learner_id, version in versions.items():
                    if version > MOST_OWN:
                        self._keep(StoredMatch(opening_id, learner_id, version))
                    else:
                        self.floor = max(self.floor, version)

    def _next_version(self, pair: Pair) -> int:
        kept = self.kept(pair)
        return 1 + (kept.version if kept is not None else self._ended.get(pair[0], _NEVER).get(pair[1], self.floor))

    def _keep(self, match: StoredMatch) -> None:
        opening_id, learner_id = match.opening_id, intern(match.learner_id)
        self._live_count -= _dropped(self._live, opening_id, learner_id)
        self._ended_count -= _dropped(self._ended, opening_id, learner_id)
        if match.facts is not None:
            self._live.setdefault(opening_id, {})[learner_id] = _packed(match.version, match.facts, match.basis)
            self._live_count += 1
        else:
            self._ended.setdefault(opening_id, {})[learner_id] = match.version
            self._ended_count += 1


def _dropped(pairs: dict[str, dict[str, ValueT]], opening_id: str, learner_id: str) -> bool:
    """Remove a pair, and its opening with the last one; returns whether it was there."""
    learners = pairs.get(opening_id)
    if learners is None or learners.pop(learner_id, None) is None:
        return False
    if not learners:
        del pairs[opening_id]
    return True


def _packed(version: int, facts: bytes, basis: MatchBasis) -> bytes:
    digests = bytes.fromhex(basis.groups_digest), bytes.fromhex(basis.awards_digest)
    return _PACKED.pack(version, basis.opening_version, facts, *digests)


def _unpacked(packed: bytes) -> KeptMatch:
    version, opening_version, facts, groups, awards = _PACKED.unpack(packed)
    return KeptMatch(version, facts, MatchBasis(opening_version, groups.hex(), awards.hex()))
