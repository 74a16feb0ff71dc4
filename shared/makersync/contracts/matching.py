"""`matching.candidate-match.v1`, `matching.skill-shortage.v1` and `matching.pathway.v1` (MARKET.md sections 10 to 13)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from makersync.contracts.wire import Count, Identifier, Region, Share, Whole, WireModel

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
    """A match that stopped being true, and the first reason that applies (MARKET.md section 10).

    `opening_version` is the newest of the opening when the match ended; 0 where the opening is not known any more.
    """

    region: Region
    opening_id: Identifier
    learner_id: Identifier
    employer_id: Identifier
    provider_id: Identifier
    reason: WithdrawalReason
    opening_version: int
    policy_version: int
    day: date


class Measured(WireModel):
    """A statistic and how many things it was drawn from. The value is absent where those are too few to say."""

    value: Whole | None = None
    evidence: Count


class CellIndicators(WireModel):
    """Statistics beside a cell's components, drawn from its history on the day `as_of`.

    `source` says what kind of records they were drawn from. `demand_trend` is the growth of the logarithm of weekly demand
    beyond that of the whole region, a week; `fill_rate` the share of posted positions that were filled; `wage_ratio` the posted
    wage to the BLS medians of the occupations; `concentration` their location quotient: all in thousandths. `days_to_fill` is a
    median, `posted_wage` a median in US cents an hour. `driver` says why positions stay open and is as new as the signal.
    """

    as_of: date
    source: Literal["live", "simulated", "mixed"]
    driver: Literal["long_training", "short_training", "unsuitable"] | None = None
    demand_trend: Measured | None = None
    fill_rate: Measured | None = None
    days_to_fill: Measured | None = None
    posted_wage: Measured | None = None
    wage_ratio: Measured | None = None
    concentration: Measured | None = None


class ShortageState(WireModel):
    """A cell's signal: shares in thousandths as MARKET.md section 12 says. `openings` and `employers` are the evidence counts.

    `previous_level` is the level at the end of yesterday (UTC), on which tomorrow's steps stand. `indicators` are absent
    before any were drawn of the cell. Under the evidence guard nobody but operators is shown counts or indicators.
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
    indicators: CellIndicators | None = None


class UnlockedState(WireModel):
    """A credential that the learner lacks, and the positions of the region that it alone would open to the learner."""

    credential: Identifier
    unlocked: Annotated[int, Field(ge=1, strict=True)]


class PathwayState(WireModel):
    """One credential away, in one region (MARKET.md section 11): every such credential, by its id; none where there was one.

    `as_of` is when it was true: lists are refreshed at a set pace. A reader sums the regions, and cuts.
    """

    region: Region
    learner_id: Identifier
    provider_id: Identifier
    credentials: tuple[UnlockedState, ...]
    policy_version: int
    day: date
    as_of: AwareDatetime


class PathwayEnded(WireModel):
    """The learner was erased, or no longer reaches the region."""

    region: Region
    learner_id: Identifier
