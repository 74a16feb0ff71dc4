"""The path parameters and fields that routes of this service share."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

OPENING_EXAMPLE = "opn_01m8mx80qj6b9vw3tqf1p5n7ra"
LEARNER_EXAMPLE = "lrn_01m8mx84efg85m31j5kvm7exvs"
AWARD_EXAMPLE = "awd_01m8mx88h2d9w6kf3s7v5tq4ze"
CREDENTIAL_EXAMPLE = "nims:cnc-milling-operator"
SUBJECT_EXAMPLE = "competency:machining.cnc-milling@3"
REGION_EXAMPLE = "45780"
DAY_EXAMPLE = "2026-11-22"

_REGION = "A CBSA code of five digits, `nonmetro-` with a state such as `nonmetro-OH`, or `remote` (MARKET.md section 1)."
_SUBJECT = "What is short: `credential:ID`, or `competency:ID@LEVEL` with a level from 1 to 5 (MARKET.md section 12)."

OpeningPath = Annotated[str, Path(max_length=120, description="The id of an opening.", examples=[OPENING_EXAMPLE])]
LearnerPath = Annotated[str, Path(max_length=120, description="The id of a learner.", examples=[LEARNER_EXAMPLE])]
RegionPath = Annotated[str, Path(max_length=40, description=_REGION, examples=[REGION_EXAMPLE])]
SubjectPath = Annotated[str, Path(max_length=300, description=_SUBJECT, examples=[SUBJECT_EXAMPLE])]

OpeningId = Annotated[str, Field(description="The id of the opening.", examples=[OPENING_EXAMPLE])]
LearnerId = Annotated[str, Field(description="The id of the learner.", examples=[LEARNER_EXAMPLE])]
RegionId = Annotated[str, Field(description=_REGION, examples=[REGION_EXAMPLE])]
Subject = Annotated[str, Field(description=_SUBJECT, examples=[SUBJECT_EXAMPLE])]
CredentialId = Annotated[str, Field(description="The id of a credential of the catalog.", examples=[CREDENTIAL_EXAMPLE])]
AwardId = Annotated[str, Field(description="The id of one of the learner's awards.", examples=[AWARD_EXAMPLE])]
PolicyVersion = Annotated[int, Field(description="Version of the policy that the result stands on.", examples=[1])]
