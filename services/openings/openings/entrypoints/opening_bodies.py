"""What employers send about openings. The shape of a field is checked here, its meaning by the domain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictBool, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from contracts.vocabulary import Necessity
from contracts.wire import Identifier, Level
from makersync.http.bodies import LEFT_OUT, RequestModel
from openings.domain import opening_rules as rules
from openings.domain.opening import Alternative, Group, Terms, WantedCompetency, WantedCredential
from openings.entrypoints.fields import MILLING_EXAMPLE, SAFETY_EXAMPLE
from openings.entrypoints.opening_fields import (
    ClosesOn,
    Filled,
    Occupation,
    Positions,
    Remote,
    Shifts,
    StartBy,
    Title,
    WageMax,
    WageMin,
    ZipCode,
)


def _one_of(*alternatives: Sequence[str]) -> JsonDict:
    """Tells readers of the schema which fields go together."""
    return {"oneOf": [{"required": list(fields)} for fields in alternatives]}


class AlternativeBody(RequestModel):
    """One way to meet a requirement: a credential, or a competency at a level."""

    model_config = ConfigDict(
        json_schema_extra={
            **_one_of(["credential"], ["competency", "level"]),
            "examples": [{"competency": "machining.cnc-milling", "level": 3}, {"credential": "nims:cnc-milling-operator"}],
        }
    )

    credential: Identifier | None = Field(
        None,
        description="Id of a credential of the catalog, which the learner must hold.",
        examples=["nims:cnc-milling-operator"],
    )
    competency: Identifier | None = Field(
        None,
        description="Id of a competency of the catalog, which a credential of the learner must confer.",
        examples=["machining.cnc-milling"],
    )
    level: Level | None = Field(
        None,
        description="The least level of the competency: from 1 (aware) to 5 (expert) (MARKET.md section 2).",
        examples=[3],
    )

    @model_validator(mode="after")
    def _demand_one_kind(self) -> Self:
        if (self.credential is None) == (self.competency is None) or (self.competency is None) != (self.level is None):
            raise PydanticCustomError("one_form", "must be either a credential, or a competency with a level")
        return self

    def alternative(self) -> Alternative:
        if self.competency is not None and self.level is not None:
            return WantedCompetency(self.competency, self.level)
        return WantedCredential(self.credential or "")


class GroupBody(RequestModel):
    """One requirement, met by any of its alternatives (MARKET.md section 3)."""

    id: Identifier = Field(
        description="A name of your choice, unique in the opening. Explanations name the group by it.", examples=["milling"]
    )
    necessity: Necessity = Field(
        description="`required` keeps out who does not meet it; `trainable` (taught on the job) and `preferred` only raise the "
        "score of who does (MARKET.md section 8).",
        examples=["required"],
    )
    any_of: tuple[AlternativeBody, ...] = Field(
        min_length=1, max_length=rules.MOST_ALTERNATIVES, description="Any one of these meets the requirement."
    )
    weight: int = Field(
        1,
        ge=1,
        le=rules.HEAVIEST_GROUP,
        strict=True,
        description="How much the group counts among the others of its necessity; of required groups it changes nothing "
        "(MARKET.md section 8).",
    )
    verified_only: StrictBool = Field(
        False,
        description="True: only awards that count as verified meet it, not a provider's word alone (MARKET.md section 4).",
    )

    def group(self) -> Group:
        any_of = tuple(body.alternative() for body in self.any_of)
        return Group(self.id, self.necessity, any_of, self.weight, self.verified_only)


Groups = Annotated[
    tuple[GroupBody, ...],
    Field(
        max_length=rules.MOST_GROUPS,
        description="What is asked for, at least one group. A learner must meet every required one (MARKET.md section 7).",
        examples=[[MILLING_EXAMPLE, SAFETY_EXAMPLE]],
    ),
]


class OpeningBody(RequestModel):
    """A new opening. Exactly one of `zip` and `remote: true`."""

    title: Title
    occupation: Occupation = None
    zip: ZipCode = None
    remote: Remote = False
    positions: Positions
    filled: Filled = 0
    start_by: StartBy = None
    closes_on: ClosesOn = None
    shifts: Shifts = ()
    wage_min: WageMin = None
    wage_max: WageMax = None
    groups: Groups = ()

    def terms(self) -> Terms:
        said = {name: getattr(self, name) for name in _PLAIN}
        return Terms(**said, shifts=self.shifts, groups=tuple(body.group() for body in self.groups))


_PLAIN = ("title", "positions", "occupation", "zip", "remote", "start_by", "closes_on", "wage_min", "wage_max")


class RevisionBody(RequestModel):
    """What changes about an opening. A field that is left out keeps its value; null removes a value that can be absent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"positions": 4, "wage_max": 3300}]})

    title: Title = LEFT_OUT
    occupation: Occupation = None
    zip: ZipCode = None
    remote: Remote = LEFT_OUT
    positions: Positions = LEFT_OUT
    start_by: StartBy = None
    closes_on: ClosesOn = None
    shifts: Shifts = LEFT_OUT
    wage_min: WageMin = None
    wage_max: WageMax = None
    groups: Groups = LEFT_OUT

    def applied_to(self, terms: Terms) -> Terms:
        said = self.given
        if "groups" in said:
            said["groups"] = tuple(body.group() for body in self.groups)
        return replace(terms, **said)


class FillingBody(RequestModel):
    """Positions that are filled: either how many more (`add`, negative to take back) or how many in all (`filled`). When the
    number goes down, a filled opening is open again; a closed one only with `reopen`."""

    model_config = ConfigDict(json_schema_extra={**_one_of(["add"], ["filled"]), "examples": [{"add": 1}, {"filled": 2}]})

    add: Annotated[int, Field(ge=-rules.MOST_POSITIONS, le=rules.MOST_POSITIONS, strict=True)] | None = Field(
        None, description="Positions to count as filled beside those that are; negative to take some back.", examples=[1]
    )
    filled: Filled | None = Field(None, description="Positions that are filled in all, from 0 to `positions`.", examples=[2])
    reopen: StrictBool = Field(
        False,
        description="Open a closed opening again for the positions that remain. Without it, a closed opening stays closed.",
    )

    @model_validator(mode="after")
    def _demand_one_count(self) -> Self:
        if (self.add is None) == (self.filled is None):
            raise PydanticCustomError("one_count", "must be exactly one of add and filled")
        return self
