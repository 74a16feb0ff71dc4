"""The path parameters and fields that several routes of this service share."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field
from pydantic.config import JsonDict

EMPLOYER_EXAMPLE = "emp_01m8mx7zgr8tqsxzd2r0g2d4mb"
OPENING_EXAMPLE = "opn_01m8mx80qj6b9vw3tqf1p5n7ra"
LEARNER_EXAMPLE = "lrn_01m8mx84efg85m31j5kvm7exvs"
PROVIDER_EXAMPLE = "prv_01m8mx84ypv8jnze9ync437qkh"
INTRODUCTION_EXAMPLE = "int_01m8mx8ah7t3c9r5w2kq6v4x1n"
PREVIEW_EXAMPLE = "pvw_01m8mx8bq4d6s2w9r7tk5v3x1n"
AWARD_EXAMPLE = "awd_01m8mx88h2d9w6kf3s7v5tq4ze"


def _group(name: str, necessity: str, wanted: JsonDict, weight: int) -> JsonDict:
    return {"id": name, "necessity": necessity, "any_of": [wanted], "weight": weight, "verified_only": False}


MILLING_EXAMPLE = _group("milling", "required", {"competency": "machining.cnc-milling", "level": 3}, 1)
SAFETY_EXAMPLE = _group("safety", "preferred", {"credential": "osha:10-general-industry"}, 2)

OpeningPath = Annotated[str, Path(description="The id that publishing the opening answered with.", examples=[OPENING_EXAMPLE])]
EmployerPath = Annotated[
    str, Path(description="The id that admitting the employer answered with.", examples=[EMPLOYER_EXAMPLE])
]
IntroductionPath = Annotated[
    str, Path(description="The id that asking for the introduction answered with.", examples=[INTRODUCTION_EXAMPLE])
]
PreviewPath = Annotated[str, Path(description="The id that asking for the preview answered with.", examples=[PREVIEW_EXAMPLE])]

LearnerId = Annotated[
    str,
    Field(
        description="The id of a learner. Who it is, only the learner's training provider can say.", examples=[LEARNER_EXAMPLE]
    ),
]
Score = Annotated[int, Field(description="From 0 to 10000, more is better (MARKET.md section 8).", examples=[2857])]
MatchVersion = Annotated[
    int, Field(description="Version of the match: it grows with every event of this opening and learner.", examples=[1])
]
ChangedAt = Annotated[datetime, Field(description="When it last changed, UTC.", examples=["2026-11-22T09:00:00Z"])]
