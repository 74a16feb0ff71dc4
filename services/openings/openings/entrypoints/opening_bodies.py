"""What employers send about openings. The shape of a field is checked here, its meaning by the domain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from contracts.vocabulary import Necessity, Shift
from contracts.wire import Identifier, Level
from makersync.http.bodies import LEFT_OUT, RequestModel
from openings.domain import opening_rules as rules
from openings.domain.opening import Alternative, Group, Terms, WantedCompetency, WantedCredential

_ISO_DATE_LENGTH = len("2026-11-22")


def _demand_iso_date(value: object) -> object:
    """Refuses the numbers and instants that pydantic would turn into a date."""
    if not isinstance(value, str) or len(value) != _ISO_DATE_LENGTH:
        raise PydanticCustomError("date_format", "must be a date such as 2026-11-22")
    return value


def _one_of(*alternatives: Sequence[str]) -> JsonDict:
    """Tells readers of the schema which fields go together."""
    return {"oneOf": [{"required": list(fields)} for fields in alternatives]}


Text = Annotated[str, Field(min_length=1)]
Title = Annotated[Text, Field(max_length=rules.LONGEST_TITLE)]
Positions = Annotated[int, Field(ge=1, le=rules.MOST_POSITIONS, strict=True)]
Filled = Annotated[int, Field(ge=0, le=rules.MOST_POSITIONS, strict=True)]
Occupation = Annotated[
    str,
    Field(
        pattern=rules.OCCUPATION_PATTERN,
        description="O*NET-SOC 2019 code, such as 51-4041.00. A retired code is replaced by its successor, with a warning.",
    ),
]
ZipCode = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Day = Annotated[date, BeforeValidator(_demand_iso_date)]
Cents = Annotated[
    int, Field(ge=0, le=rules.MOST_CENTS, strict=True, description="US cents an hour: 2500 is 25 dollars an hour.")
]
Shifts = Annotated[tuple[Shift, ...], Field(max_length=10, description="Empty: any.")]


class AlternativeBody(RequestModel):
    """One way to meet a requirement: a credential, or a competency at a level."""

    model_config = ConfigDict(json_schema_extra=_one_of(["credential"], ["competency", "level"]))

    credential: Identifier | None = None
    competency: Identifier | None = None
    level: Level | None = None

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
    """One requirement, met by any of its alternatives."""

    id: Identifier
    necessity: Necessity
    any_of: Annotated[tuple[AlternativeBody, ...], Field(min_length=1, max_length=rules.MOST_ALTERNATIVES)]
    weight: Annotated[int, Field(ge=1, le=rules.HEAVIEST_GROUP, strict=True)] = 1
    verified_only: StrictBool = False

    def group(self) -> Group:
        any_of = tuple(body.alternative() for body in self.any_of)
        return Group(self.id, self.necessity, any_of, self.weight, self.verified_only)


Groups = Annotated[tuple[GroupBody, ...], Field(max_length=rules.MOST_GROUPS)]


class OpeningBody(RequestModel):
    """A new opening. Exactly one of `zip` and `remote: true`."""

    title: Title
    occupation: Occupation | None = None
    zip: ZipCode | None = None
    remote: StrictBool = False
    positions: Positions
    filled: Filled = 0
    start_by: Day | None = None
    closes_on: Day | None = Field(None, description="The last day on which candidates are matched.")
    shifts: Shifts = ()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: Groups = ()

    def terms(self) -> Terms:
        said = {name: getattr(self, name) for name in _PLAIN}
        return Terms(**said, shifts=self.shifts, groups=tuple(body.group() for body in self.groups))


_PLAIN = ("title", "positions", "occupation", "zip", "remote", "start_by", "closes_on", "wage_min", "wage_max")


class RevisionBody(RequestModel):
    """What changes about an opening. A field that is left out keeps its value; null removes a value that can be absent."""

    title: Title = LEFT_OUT
    occupation: Occupation | None = None
    zip: ZipCode | None = None
    remote: StrictBool = LEFT_OUT
    positions: Positions = LEFT_OUT
    start_by: Day | None = None
    closes_on: Day | None = None
    shifts: Shifts = LEFT_OUT
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: Groups = LEFT_OUT

    def applied_to(self, terms: Terms) -> Terms:
        said = self.given
        if "groups" in said:
            said["groups"] = tuple(body.group() for body in self.groups)
        return replace(terms, **said)


class FillingBody(RequestModel):
    """Positions that are filled: either how many more (`add`, negative to take back) or how many in all (`filled`). When the
    number goes down, a filled opening is open again; a closed one only with `reopen`."""

    model_config = ConfigDict(json_schema_extra=_one_of(["add"], ["filled"]))

    add: Annotated[int, Field(ge=-rules.MOST_POSITIONS, le=rules.MOST_POSITIONS, strict=True)] | None = None
    filled: Filled | None = None
    reopen: StrictBool = Field(False, description="Open a closed opening again for the positions that remain.")

    @model_validator(mode="after")
    def _demand_one_count(self) -> Self:
        if (self.add is None) == (self.filled is None):
            raise PydanticCustomError("one_count", "must be exactly one of add and filled")
        return self
