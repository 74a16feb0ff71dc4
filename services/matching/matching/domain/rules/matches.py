"""What a match states, what is kept of it, and what is published of it (MARKET.md section 10).

Versions belong to a pair and only grow: by one with each event, as long as the last one is remembered. What exists in millions
is a `Struct`, because frozen dataclasses take several times as long to make. The order of the fields of `ScoreParts` and
`OutcomeOfGroup` is their order in the published event, which leaves out what is undefined.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from msgspec import Struct

from contracts.vocabulary import Evidence
from matching.domain.market.subjects import MarketLearner, MarketOpening


class ScoreParts(Struct, frozen=True, omit_defaults=True):
    """The parts of a score, each 0..10000, None where undefined (section 8)."""

    preferred: int | None = None
    trainable: int | None = None
    evidence: int | None = None


class OutcomeOfGroup(Struct, frozen=True, omit_defaults=True):
    """How a learner meets one group: evidence None and no awards when unmet (section 5); award ids are sorted."""

    id: str
    met: bool
    awards: tuple[str, ...]
    evidence: Evidence | None = None


class AwardBehind(Struct, frozen=True, omit_defaults=True):
    """An award that the outcomes name; `expires_on` None when it does not expire."""

    award_id: str
    credential: str
    expires_on: date | None = None


class MatchFacts(Struct, frozen=True):
    """What a match states; a difference in any of it but the awards is a `revised` event (section 10). Score is 0..10000.

    `awards` are all that the outcomes name, by id, as they stood; empty in what was published before they were stated.
    """

    score: int
    components: ScoreParts
    outcomes: tuple[OutcomeOfGroup, ...]
    seeking_since: date | None
    awards: tuple[AwardBehind, ...] = ()

    @property
    def revising(self) -> tuple[object, ...]:
        """What a revision lies between: all but the awards."""
        return self.score, self.components, self.outcomes, self.seeking_since


class MatchBasis(Struct, frozen=True):
    """What a match rested on at its last event, from which the reason of a withdrawal follows (section 10)."""

    opening_version: int
    groups_digest: str
    awards_digest: str


MOST_OWN = 2**40
"""This service writes no version above it: nobody publishes so often about one subject. What continues above a foreign version
is remembered one by one, because a floor up there would leave a whole region without versions."""
NO_FACTS = MatchFacts(score=0, components=ScoreParts(None, None, None), outcomes=(), seeking_since=None)
NO_BASIS = MatchBasis(opening_version=0, groups_digest="", awards_digest="")


class MatchRecord(Struct, frozen=True):
    """The last event of a pair: `live` until it is withdrawn.

    Only the version outlives the match: facts and basis are then `NO_FACTS` and `NO_BASIS`, because the learner may
    be erased later and nothing would clear them.
    """

    opening_id: str
    learner_id: str
    version: int
    live: bool
    facts: MatchFacts
    basis: MatchBasis


class StoredMatch(Struct, frozen=True):
    """What is stored of a pair's last event to rebuild a market: a digest of a live match's facts, no facts of an ended one."""

    opening_id: str
    learner_id: str
    version: int
    facts: bytes | None = None
    basis: MatchBasis = NO_BASIS


class MatchKind(StrEnum):
    """The events of a match (section 10)."""

    PROPOSED = "proposed"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"


class WithdrawalReason(StrEnum):
    """Why a match ended (section 10), in the order in which a reason applies."""

    ERASED = "erased"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OPENING_CLOSED = "opening_closed"
    OPENING_EXPIRED = "opening_expired"
    OPENING_CHANGED = "opening_changed"
    LEARNER_UNAVAILABLE = "learner_unavailable"
    RULES_CHANGED = "rules_changed"
    CREDENTIAL_LAPSED = "credential_lapsed"
    OUTRANKED = "outranked"


class MatchChange(Struct, frozen=True):
    """One event of a match: the record to store and what to publish.

    A withdrawal has a reason and no facts, and beside the reason the `gate` that fails or the ids of the required groups that
    are `unmet`.
    `opening_version` and `learner_version` are those evaluated, None for a subject the market never saw; `opening` and
    `learner` are None once they have ended.
    """

    kind: MatchKind
    reason: WithdrawalReason | None
    record: MatchRecord
    opening_version: int | None
    learner_version: int | None
    policy_version: int
    day: date
    opening: MarketOpening | None
    learner: MarketLearner | None
    gate: str | None = None
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """A live match as a reader sees it: rank counts from 1 on the opening's shortlist (section 9)."""

    opening_id: str
    learner_id: str
    rank: int
    facts: MatchFacts
