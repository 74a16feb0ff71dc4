"""`matching.candidate-match.v1` and `matching.skill-shortage.v1` (MARKET.md sections 10, 12, 13)."""

from datetime import date
from typing import Literal

from makersync.contracts.wire import Count, Identifier, Region, Share, WireModel

WithdrawalReason = Literal[
    "erased",
    "consent_withdrawn",
    "opening_closed",
    "opening_expired",
    "opening_changed",
    "learner_unavailable",
    "rules_changed",
    "credential_lapsed",
    "outranked",
]
Level = Literal["insufficient_data", "surplus", "balanced", "shortage", "severe"]


class Components(WireModel):
    """Undefined components are absent (MARKET.md section 8)."""

    preferred: Share | None = None
    trainable: Share | None = None
    evidence: Share | None = None


class GroupOutcome(WireModel):
    id: Identifier
    met: bool
    evidence: Literal["verified", "attested"] | None = None
    awards: tuple[Identifier, ...] = ()


class MatchState(WireModel):
    """A live match, with all that is needed to recompute its score by hand.

    `groups` come in the opening's order. `unknown` names the gates that something unknown left open. The versions and the day
    are those the result stands on; the two digests let the matching service say later why a match ended.
    """

    region: Region
    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    score: Share
    components: Components
    groups: tuple[GroupOutcome, ...]
    seeking_since: date | None = None
    unknown: tuple[str, ...] = ()
    opening_version: int
    learner_version: int
    groups_digest: str
    awards_digest: str
    policy_version: int
    day: date


class MatchEnded(WireModel):
    """A match that stopped being true, and the first reason that applies (MARKET.md section 10)."""

    region: Region
    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    reason: WithdrawalReason
    opening_version: int
    policy_version: int
    day: date


class ShortageState(WireModel):
    """A cell's signal: shares in thousandths as MARKET.md section 12 says. `openings` and `employers` are the evidence counts.

    `previous_level` is the level at the end of yesterday (UTC), on which tomorrow's steps stand.
    """

    region: Region
    subject: str
    level: Level
    previous_level: Level | None = None
    demand: Count
    openings: Count
    employers: Count
    supply: Count
    supply_home: Count
    pipeline: Count
    blocked: Count
    tightness: Count
    top_credentials: tuple[Identifier, ...] = ()
    policy_version: int
    day: date
