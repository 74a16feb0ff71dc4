"""What an explanation found about a pair: gates, groups, awards, holdings and the parts of the score."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.vocabulary import AwardStatus, Evidence, Necessity
from contracts.wire import ZONED
from matching.domain.explanation.findings import AlternativeFinding, AwardFinding, GroupFinding
from matching.domain.market.subjects import CompetencyAlternative
from matching.domain.rules.gates import Gate, GateResult
from matching.entrypoints.fields import AWARD_EXAMPLE, CREDENTIAL_EXAMPLE, AwardId, CredentialId

Value = bool | int | str | list[str]


class FindingView(BaseModel):
    """Has the fields of what the domain found, under the same names."""

    model_config = ConfigDict(from_attributes=True)


class GateView(FindingView):
    """What must hold before any requirement is looked at (MARKET.md section 6)."""

    gate: Gate = Field(
        description="The gates in the order in which they are tried; the name says how it fails.", examples=["out_of_reach"]
    )
    verdict: GateResult = Field(
        description="`unknown` passes: a value that it compares is null. One that is `failed` keeps the learner out.",
        examples=["passed"],
    )
    values: dict[str, Value | None] = Field(
        description="What the gate compares; null: unknown. `seeking` and `consents_to_matching` must be true; `distance_m` "
        "(metres) at most `reach_m` (metres), or `remote_ok` true for a remote opening; `available_from` (calendar date) at "
        "most `start_by` (calendar date); `opening_shifts` and `learner_shifts` share one, or one list is empty; `wage_max` "
        "(US cents an hour) at least `wage_floor` (US cents an hour).",
        examples=[{"distance_m": 12345, "reach_m": 40000}],
    )


class AlternativeView(BaseModel):
    """One way to meet a group: a credential, or a competency at a level (MARKET.md section 5)."""

    credential: str | None = Field(
        None, description="Id of the credential that must be held; null for a competency.", examples=[None]
    )
    competency: str | None = Field(
        None,
        description="Id of the competency that a holding must confer; null for a credential.",
        examples=["machining.cnc-milling"],
    )
    level: int | None = Field(
        None, description="The least level of the competency, from 1 to 5; null for a credential.", examples=[3]
    )
    held: bool = Field(description="Whether the learner's holdings meet it.", examples=[True])
    verified: bool = Field(description="Whether the holdings from verified awards alone meet it.", examples=[True])
    through: list[str] = Field(
        description="Ids of the credentials among the holdings that meet it, sorted.", examples=[[CREDENTIAL_EXAMPLE]]
    )

    @classmethod
    def of(cls, found: AlternativeFinding) -> "AlternativeView":
        form, said = found.alternative, {"held": found.held, "verified": found.verified, "through": found.through}
        if isinstance(form, CompetencyAlternative):
            return cls.model_validate(said | {"competency": form.competency, "level": form.level})
        return cls.model_validate(said | {"credential": form.credential})


class GroupView(BaseModel):
    """A group as it is asked for, and its outcome (MARKET.md section 5)."""

    id: str = Field(description="The id that the employer gave the group.", examples=["milling"])
    necessity: Necessity = Field(
        description="Only a `required` group keeps out who does not meet it; the others score (MARKET.md sections 3 and 8)."
    )
    weight: int = Field(
        description="How much it counts among the groups of its necessity, from 1 to 10 (MARKET.md section 8).", examples=[1]
    )
    verified_only: bool = Field(description="Whether only verified awards meet it.")
    any_of: list[AlternativeView] = Field(description="The alternatives, any of which meets the group.")
    met: bool = Field(
        description="Whether any alternative is held, or verified where `verified_only` asks for it.", examples=[True]
    )
    evidence: Evidence | None = Field(
        description="`verified` when any alternative is verified, else `attested`; null when the group is not met.",
        examples=["verified"],
    )
    awards: list[str] = Field(
        description="Ids of the awards that support it, sorted: verified ones alone when the evidence is verified, none when "
        "the group is not met.",
        examples=[[AWARD_EXAMPLE]],
    )

    @classmethod
    def of(cls, found: GroupFinding) -> "GroupView":
        asked, outcome = found.group, found.outcome
        return cls(
            id=asked.id,
            necessity=asked.necessity,
            weight=asked.weight,
            verified_only=asked.verified_only,
            any_of=[AlternativeView.of(each) for each in found.alternatives],
            met=outcome.met,
            evidence=outcome.evidence,
            awards=list(outcome.awards),
        )


class AwardFindingView(BaseModel):
    """One of the learner's awards, and whether it counts on the day of the explanation (MARKET.md section 4)."""

    award_id: AwardId
    credential: CredentialId
    status: AwardStatus = Field(description="Only an `active` award can be in force.")
    issued_on: date | None = Field(
        None, description=f"Calendar date {ZONED} from which it is in force; null: unknown.", examples=["2026-03-02"]
    )
    expires_on: date | None = Field(
        None,
        description=f"Calendar date {ZONED} from which it is no longer in force; null: it does not expire.",
        examples=[None],
    )
    expected_on: date | None = Field(
        None,
        description=f"Calendar date {ZONED} on which training should end; null: unknown, or not in training.",
        examples=[None],
    )
    evidence: Evidence = Field(
        description="`verified` when the provider is accredited for the credential's issuer, else `attested`."
    )
    in_force: bool = Field(description="Whether it is active, issued by the day and not expired on it.", examples=[True])
    why_not: str | None = Field(
        description="Why it is not in force: its status (`in_progress`, `suspended`, `revoked`), `not_issued` (date unknown), "
        "`not_issued_yet` or `expired`; null when it is.",
        examples=[None],
    )
    defined: bool = Field(
        description="Whether the catalog has its credential; while it has not, the award counts for nothing.", examples=[True]
    )

    @classmethod
    def of(cls, found: AwardFinding) -> "AwardFindingView":
        award = found.award
        dates = {"issued_on": award.issued_on, "expires_on": award.expires_on, "expected_on": award.expected_on}
        return cls(
            award_id=award.award_id,
            credential=award.credential,
            status=award.status,
            evidence=award.evidence,
            in_force=found.in_force,
            why_not=found.why_not,
            defined=found.defined,
            **{name: day for name, day in dates.items() if day is not None},
        )


class HoldingView(FindingView):
    """A credential that the awards in force amount to, by themselves or by implication (MARKET.md section 5)."""

    credential: CredentialId
    awards: list[str] = Field(description="Ids of the awards in force that support it, sorted.", examples=[[AWARD_EXAMPLE]])
    verified_awards: list[str] = Field(
        description="Ids of those that support it among the verified awards alone, sorted; empty: it is no verified holding.",
        examples=[[AWARD_EXAMPLE]],
    )


class ComponentView(FindingView):
    """One part of the score (MARKET.md section 8); `//` is division floored to a whole number."""

    name: Literal["preferred", "trainable", "evidence"] = Field(description="The component.", examples=["evidence"])
    weight: int = Field(description="The policy's weight of the component.", examples=[20])
    numerator: int = Field(
        description="Weights of the met groups; for `evidence` the number of required groups met with verified evidence.",
        examples=[1],
    )
    denominator: int = Field(
        description="Weights of all groups of the necessity; for `evidence` the number of required groups.", examples=[1]
    )
    value: int | None = Field(
        description="10000 * numerator // denominator, from 0 to 10000; null when the denominator is 0.", examples=[10000]
    )


class ScoreView(FindingView):
    """The weighted mean of the components that are not null (MARKET.md section 8)."""

    numerator: int = Field(description="The sum of weight * value over those components.", examples=[200000])
    denominator: int = Field(description="The sum of their weights; 0 when every component is null.", examples=[70])
    value: int = Field(
        description="numerator // denominator, from 0 to 10000; 10000 when the denominator is 0.", examples=[2857]
    )
