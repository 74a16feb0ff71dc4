"""What would make a learner qualified for an opening, as an explanation shows it."""

from pydantic import Field

from contracts.wire import ZONED
from matching.domain.explanation.cheapest_change import Barrier, Beyond, Comparison
from matching.domain.explanation.training_steps import StepKind
from matching.domain.rules.gates import Gate
from matching.entrypoints.explanation_finding_views import FindingView, Value
from matching.entrypoints.fields import DAY_EXAMPLE, CredentialId


class GateChangeView(FindingView):
    """What would have to change about the learner for a failing gate to pass."""

    gate: Gate = Field(description="The gate that fails.", examples=["out_of_reach"])
    field: str = Field(description="The field of the learner's record that it looks at.", examples=["reach_km"])
    comparison: Comparison = Field(description="How the field must compare with `value`.", examples=["at_least"])
    value: Value = Field(
        description="In the field's unit: `reach_km` in kilometres, `wage_floor` in US cents an hour, `available_from` a "
        f"calendar date {ZONED}.",
        examples=[52],
    )
    possible: bool = Field(description="False for a reach of more than 300 km, which nobody can have.", examples=[True])


class StepView(FindingView):
    """Something that the learner or the provider would have to do."""

    kind: StepKind = Field(description="`verify` an attested award, or `earn` a credential.", examples=["earn"])
    credential: CredentialId
    weeks: int | None = Field(description="Weeks of training: 0 to verify, null when unknown.", examples=[10])
    award_id: str | None = Field(description="The id of the award to verify; null for a credential to earn.", examples=[None])


class OpeningChangeView(FindingView):
    """What would have to change about the opening for it to be live."""

    barrier: Barrier = Field(description="What keeps it from being live.", examples=["expired"])
    field: str = Field(description="The field of the opening that would have to change.", examples=["closes_on"])
    comparison: Comparison = Field(description="How the field must compare with `value`.", examples=["at_least"])
    value: int | str = Field(
        description=f"In the field's unit: `positions` a number, `closes_on` a calendar date {ZONED}, `status` a status.",
        examples=[DAY_EXAMPLE],
    )


class ChangeView(FindingView):
    """All of it together would make the learner qualified, with the least training, then the fewest steps. While the opening is
    not live nothing of the learner's would help, and `opening` says what would."""

    gates: list[GateChangeView] = Field(description="One for each gate that fails.")
    steps: list[StepView] = Field(
        description="What meets the required groups that are not met; empty when all are, or when `beyond` says why not."
    )
    beyond: Beyond | None = Field(
        description="Why no steps are named: the opening is not live, no credential of the catalog leads to what is missing, "
        "or there are too many ways to find the cheapest; null otherwise.",
        examples=[None],
    )
    opening: list[OpeningChangeView] = Field(description="What would make the opening live; empty when it is.")
