"""`matching.candidate-match.v1` and `matching.skill-shortage.v1` (MARKET.md sections 10, 12 and 13)."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.indicators import CellIndicators
from contracts.wire import (
    MOST_AWARDS,
    MOST_GROUPS,
    ZONED,
    AwardId,
    Count,
    CredentialId,
    Day,
    EmployerId,
    Identifier,
    LearnerId,
    OpeningId,
    PolicyVersion,
    ProviderId,
    Region,
    Share,
    Sum,
    Thousandths,
    Version,
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
CellLevel = Literal["insufficient_data", "surplus", "balanced", "shortage", "severe"]

RESULT_DAY = f"Calendar date {ZONED} that the result stands on: awards and openings begin and expire with the date."
EARLIER = "Not given in events by version 1 of the market rules."


class Components(WireModel):
    """Undefined components are absent (MARKET.md section 8)."""

    preferred: Share | None = Field(
        None,
        description="Share of the weights of preferred groups that is met, in ten-thousandths. Not given without such groups.",
        examples=[10000],
    )
    trainable: Share | None = Field(
        None,
        description="Share of the weights of trainable groups that is met, in ten-thousandths. Not given without such groups.",
        examples=[0],
    )
    evidence: Share | None = Field(
        None,
        description="Share of the required groups that is met with verified evidence, in ten-thousandths. Not given without "
        "such groups.",
        examples=[10000],
    )


class GroupOutcome(WireModel):
    """Whether, and by what, the learner meets one requirement group of the opening (MARKET.md section 5)."""

    id: Identifier = Field(description="Id of the group within its opening.", examples=["milling"])
    met: bool = Field(description="Whether the learner meets the group by any of its alternatives.", examples=[True])
    evidence: Literal["verified", "attested"] | None = Field(
        None,
        description="`verified` when verified awards meet the group, else `attested`. Not given when it is not met.",
        examples=["verified"],
    )
    awards: Annotated[tuple[AwardId, ...], Field(max_length=MOST_AWARDS)] = Field(
        (),
        description="Ids of the learner's awards that meet the group, in ascending order. Empty when it is not met.",
        examples=[["awd_01m8mx85r2c7t9w4hq6x3v1n5k"]],
    )


class SupportingAward(WireModel):
    """An award of the learner that is behind an outcome."""

    award_id: AwardId
    credential: CredentialId
    expires_on: Day | None = Field(
        None,
        description=f"First calendar date {ZONED} on which the award is no longer in force. Not given: it does not expire.",
        examples=["2028-11-20"],
    )


class MatchState(WireModel):
    """A live match, with all that is needed to recompute its score by hand (MARKET.md sections 8 to 10)."""

    region: Region
    opening_id: OpeningId
    learner_id: LearnerId
    employer_id: EmployerId
    provider_id: ProviderId
    score: Share = Field(
        description="How well the learner fits, from 0 to 10000, as a weighted mean of the components (MARKET.md section 8). "
        "The shortlist is ordered by it. Where the learner lives does not count.",
        examples=[7000],
    )
    components: Components = Field(description="The parts of the score.")
    groups: Annotated[tuple[GroupOutcome, ...], Field(max_length=MOST_GROUPS)] = Field(
        description="What became of each requirement group, in the opening's order."
    )
    awards: Annotated[tuple[SupportingAward, ...], Field(max_length=MOST_AWARDS)] | None = Field(
        None,
        description="The awards that the groups name, each once, in ascending order of their ids. Not given where the groups "
        "name none, nor by earlier versions of the matching service.",
    )
    seeking_since: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} since which the learner has been looking for work; among equal scores the earlier "
        "comes first (MARKET.md section 9).",
        examples=["2026-11-02"],
    )
    unknown: Annotated[tuple[Word, ...], Field(max_length=10)] = Field(
        (),
        description="Names of the gates that could not be judged, because the opening or the learner leaves something open. "
        "They block nobody (MARKET.md section 6).",
        examples=[["pay_conflict"]],
    )
    opening_version: Version = Field(description="Version (`sequence`) of the opening that the result stands on.", examples=[1])
    learner_version: Version = Field(description="Version (`sequence`) of the learner that the result stands on.", examples=[6])
    groups_digest: Word = Field(
        description="Digest of the opening's requirement groups: equal for equal groups only. The matching service uses it to "
        "find out why a match ends; readers do not need it.",
        examples=["0f4b6d0c8a1e4f7792c35db86ae1f204"],
    )
    awards_digest: Word = Field(
        description="Digest of the learner's awards in force with their evidence, for the same purpose.",
        examples=["93a7c5e1d2804b6fae15c7308d96b24f"],
    )
    policy_version: PolicyVersion
    day: Day = Field(description=RESULT_DAY)


class MatchEnded(WireModel):
    """A match that stopped being true, and why (MARKET.md section 10)."""

    region: Region
    opening_id: OpeningId
    learner_id: LearnerId
    employer_id: EmployerId
    provider_id: ProviderId
    reason: WithdrawalReason = Field(
        description="The first reason that applies (MARKET.md section 10): the learner was erased or withdrew consent; the "
        "opening is closed, expired or changed; a gate that the learner passed now fails (`learner_unavailable`); the catalog "
        "or the policy changed (`rules_changed`); a credential expired, was revoked or is no longer verified "
        "(`credential_lapsed`); others are ahead on the shortlist (`outranked`). Later versions may add reasons.",
        examples=["opening_closed"],
    )
    gate: Word | None = Field(
        None,
        description="The gate that fails now (MARKET.md section 6), where the reason is `learner_unavailable`, or "
        "`opening_changed` by a gate. Not given otherwise, nor by earlier versions of the matching service.",
        examples=["out_of_reach"],
    )
    unmet: Annotated[tuple[Identifier, ...], Field(max_length=MOST_GROUPS)] | None = Field(
        None,
        description="Ids of the required groups that are not met any more, in the opening's order, where no gate fails. Not "
        "given where all are met, nor by earlier versions of the matching service.",
        examples=[["milling"]],
    )
    opening_version: Version = Field(
        description="Newest version (`sequence`) of the opening when the match ended; 0 where the opening is no longer known.",
        examples=[4],
    )
    policy_version: PolicyVersion
    day: Day = Field(description=RESULT_DAY)


class ShortageState(WireModel):
    """How short one credential or competency is in a region: a cell's signal (MARKET.md sections 12 and 13).

    Under the evidence guard, where the level is `insufficient_data`, only operators are shown the counts and the indicators.
    """

    region: Region
    subject: Annotated[str, Field(max_length=300, pattern=r"^(credential:.+|competency:.+@[1-5])$")] = Field(
        description="What the signal is about: `credential:ID`, or `competency:ID@LEVEL` for a competency at that level or "
        "above (MARKET.md section 12).",
        examples=["competency:machining.cnc-milling@3"],
    )
    level: CellLevel = Field(
        description="How short the subject is in the region, by `tightness` and yesterday's level. "
        "`insufficient_data`: too few openings or employers to call it a market, or one employer with most of the demand "
        "(MARKET.md section 12).",
        examples=["shortage"],
    )
    level_ahead: CellLevel | None = Field(
        None,
        description="Level by `tightness_ahead`, where the cell goes once those in training finish: a shortage that is "
        "`balanced` ahead has been answered. `insufficient_data` when `level` is. " + EARLIER,
        examples=["balanced"],
    )
    previous_level: CellLevel | None = Field(
        None,
        description=f"Level at the end of yesterday {ZONED}. Levels rise at once and go down a step at a time from it. Not "
        "given where there was none.",
        examples=["balanced"],
    )
    demand: Sum = Field(
        description="Open positions that ask for the subject, in thousandths: each counts in equal parts for the alternatives "
        "of its group (MARKET.md section 12).",
        examples=[14500],
    )
    openings: Count = Field(description="Number of live openings behind the demand.", examples=[9])
    employers: Count = Field(description="Number of different employers behind the demand.", examples=[5])
    supply: Count = Field(
        description="Number of learners reaching the region who seek work, consent to matching and hold the subject.",
        examples=[6],
    )
    supply_home: Count = Field(
        description="How many of the supply live in the region; 0 for the region `remote`.", examples=[4]
    )
    pipeline: Count = Field(
        description="Number of learners whose awards in progress will give them the subject within the policy's horizon (180 "
        "days by default), and of open seats in cohorts that end within it and train for the subject (MARKET.md section 12).",
        examples=[16],
    )
    blocked: Count = Field(
        description="Positions that stay open for want of the subject: there are too few qualified learners, and near misses "
        "lack it alone (MARKET.md section 12).",
        examples=[11],
    )
    tightness: Sum = Field(
        description="Demand over supply, in thousandths and smoothed so that small numbers do not swing it: 1000 is one "
        "position for each learner who holds the subject. `level` follows from it (MARKET.md section 12).",
        examples=[2062],
    )
    employer_share: Thousandths | None = Field(
        None,
        description="Share of the demand that the employer with the largest has, in thousandths. Above the policy's guard (667 "
        "by default) the level is `insufficient_data`. " + EARLIER,
        examples=[413],
    )
    tightness_ahead: Sum | None = Field(
        None,
        description="Tightness once those in training finish, with `supply` and `pipeline` together in place of `supply`; in "
        "thousandths (MARKET.md section 12). " + EARLIER,
        examples=[687],
    )
    top_credentials: Annotated[tuple[CredentialId, ...], Field(max_length=10)] = Field(
        (),
        description="Ids of credentials that alone give a holder the subject, the shortest training first, at most as many as "
        "the policy says (five unless changed).",
        examples=[["nims:cnc-milling-operator"]],
    )
    policy_version: PolicyVersion
    day: Day = Field(description=RESULT_DAY)
    indicators: CellIndicators | None = Field(
        None, description="Statistics from the cell's history. Not given before any were drawn of the cell."
    )
