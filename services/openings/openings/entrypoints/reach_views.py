"""How counts of learners are shown: as ranges, which is all that anybody outside of matching ever has."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, Field

from contracts.openings import CompetencyWanted, CredentialWanted
from contracts.wire import ZONED
from openings.adapters.opening_events import group_state
from openings.domain.opening import Group, Opening
from openings.domain.reach import CountBounds, OpeningReach
from openings.entrypoints.fields import MILLING_EXAMPLE, OPENING_EXAMPLE


class CountRangeView(BaseModel):
    """A number of learners, as a range: none is 0 to 1, one to four is 1 to 5 (fewer than five), and above it is the range of
    five that begins at a multiple of five. The range of a sum is as wide as those of its parts make it (MARKET.md section
    15)."""

    at_least: int = Field(description="The number is not below this.", examples=[15])
    fewer_than: int = Field(description="The number is below this.", examples=[20])

    @classmethod
    def of(cls, counted: CountBounds) -> "CountRangeView":
        return cls(at_least=counted.at_least, fewer_than=counted.fewer_than)


class LackingView(BaseModel):
    """Near misses who would qualify if they met this one group."""

    id: str = Field(description="Id of the required group.", examples=["milling"])
    any_of: list[CredentialWanted | CompetencyWanted] | None = Field(
        description="What would meet the group: any one of these. Null where the groups were revised since the "
        "counts were made.",
        examples=[MILLING_EXAMPLE["any_of"]],
    )
    near_misses: CountRangeView = Field(description="Learners who pass every gate and lack this group and nothing else.")
    unverified: CountRangeView | None = Field(
        description="Of these, learners who hold what the group asks for without the proof. Null where a provider's word is "
        "enough."
    )


class HeldBackView(BaseModel):
    """Learners who meet every required group, and whom one gate alone keeps out."""

    gate: str = Field(
        description="`unavailable`: available only after `start_by`. `shift_conflict`: no shift in common. `pay_conflict`: "
        "asks for more than `wage_max`. Later versions may add gates (MARKET.md section 6).",
        examples=["pay_conflict"],
    )
    learners: CountRangeView = Field(description="How many there are.")


class ReachView(BaseModel):
    """Learners in reach, from all of them down to those who qualify, and what the others lack (MARKET.md section 15)."""

    in_reach: CountRangeView = Field(
        description="Learners who seek work, agree to be matched and have the place of work within their reach; for remote "
        "work, those who would do it."
    )
    pass_gates: CountRangeView = Field(description="Of these, learners whom neither start, nor shifts, nor pay keeps out.")
    qualified: CountRangeView = Field(
        description="Of these, learners who meet every required group. The shortlist has the best of them."
    )
    near_misses: CountRangeView = Field(
        description="Learners who pass every gate and meet every required group but one (MARKET.md section 7)."
    )
    lacking: list[LackingView] = Field(description="The near misses by the group that they lack, in the order of the opening.")
    held_back: list[HeldBackView] = Field(
        description="Learners in reach who meet every required group and fail one gate alone, by gate."
    )
    policy_version: int = Field(description="Version of the policy that the counts were made by.", examples=[1])
    day: date = Field(description=f"Calendar date {ZONED} that the counts stand on.", examples=["2026-11-22"])
    as_of: datetime = Field(description="When the counts were true, UTC.", examples=["2026-11-22T09:00:00Z"])

    @classmethod
    def of(cls, reach: OpeningReach, groups: Sequence[Group] | None) -> "ReachView":
        """`groups` are those that were counted for; None when they are not known any more."""
        wanted = {group.id: list(group_state(group).any_of) for group in groups or ()}
        lacking = [
            LackingView(
                id=each.id,
                any_of=wanted.get(each.id),
                near_misses=CountRangeView.of(each.near_misses),
                unverified=None if each.unverified is None else CountRangeView.of(each.unverified),
            )
            for each in reach.lacking
        ]
        return cls(
            **{name: CountRangeView.of(getattr(reach, name)) for name in _COUNTS},
            lacking=lacking,
            held_back=[HeldBackView(gate=each.gate, learners=CountRangeView.of(each.learners)) for each in reach.held_back],
            policy_version=reach.policy_version,
            day=reach.day,
            as_of=reach.as_of,
        )


_COUNTS = ("in_reach", "pass_gates", "qualified", "near_misses")


class OpeningReachView(BaseModel):
    """How many learners an opening reaches."""

    opening_id: str = Field(description="Id of the opening.", examples=[OPENING_EXAMPLE])
    opening_version: int = Field(description="The opening's newest version.", examples=[2])
    counted_version: int | None = Field(
        description="The version that was counted for; null when nothing is counted. A change is counted within moments, or on "
        "the next day if the terms have changed ten times before on one.",
        examples=[2],
    )
    live: bool = Field(description="Whether candidates are matched today. Only live openings are counted for.")
    reach: ReachView | None = Field(description="The newest counts; null when there are none, or none yet.")

    @classmethod
    def of(cls, opening: Opening, reach: OpeningReach | None, today: date) -> "OpeningReachView":
        known = reach is not None and reach.subject_version >= opening.groups_version
        return cls(
            opening_id=opening.opening_id,
            opening_version=opening.version,
            counted_version=None if reach is None else reach.subject_version,
            live=opening.live(today),
            reach=None if reach is None else ReachView.of(reach, opening.terms.groups if known else None),
        )
