"""`matching.candidate-match.v1`, `matching.skill-shortage.v1` and `matching.pathway.v1` (MARKET.md sections 10 to 13)."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.wire import (
    MOST_AWARDS,
    MOST_CREDENTIALS,
    MOST_GROUPS,
    MOST_SUM,
    Count,
    Day,
    Identifier,
    Instant,
    Region,
    Share,
    Sum,
    Version,
    Whole,
    Word,
)
from makersync.topic import WireModel

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
    awards: Annotated[tuple[Identifier, ...], Field(max_length=MOST_AWARDS)] = ()


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
    groups: Annotated[tuple[GroupOutcome, ...], Field(max_length=MOST_GROUPS)]
    seeking_since: Day | None = None
    unknown: Annotated[tuple[Word, ...], Field(max_length=10)] = ()
    opening_version: Version
    learner_version: Version
    groups_digest: Word
    awards_digest: Word
    policy_version: Count
    day: Day


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
    opening_version: Version
    policy_version: Count
    day: Day


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

    as_of: Day
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
    subject: Annotated[str, Field(max_length=300, pattern=r"^(credential:.+|competency:.+@[1-5])$")]
    level: Level
    previous_level: Level | None = None
    demand: Sum
    openings: Count
    employers: Count
    supply: Count
    supply_home: Count
    pipeline: Count
    blocked: Count
    tightness: Sum
    top_credentials: Annotated[tuple[Identifier, ...], Field(max_length=10)] = ()
    policy_version: Count
    day: Day
    indicators: CellIndicators | None = None


class UnlockedState(WireModel):
    """A credential that the learner lacks, and the positions of the region that it alone would open to the learner."""

    credential: Identifier
    unlocked: Annotated[int, Field(ge=1, le=MOST_SUM, strict=True)]


class PathwayState(WireModel):
    """One credential away, in one region (MARKET.md section 11): every such credential, by its id; none where there was one.

    `as_of` is when it was true: lists are refreshed at a set pace. A reader sums the regions, and cuts.
    """

    region: Region
    learner_id: Identifier
    provider_id: Identifier
    credentials: Annotated[tuple[UnlockedState, ...], Field(max_length=MOST_CREDENTIALS)]
    policy_version: Count
    day: Day
    as_of: Instant


class PathwayEnded(WireModel):
    """The learner was erased, or no longer reaches the region."""

    region: Region
    learner_id: Identifier
