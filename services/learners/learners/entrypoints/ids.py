"""Ids of things, as fields of bodies and views and as parts of a path."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from learners.domain.values import IDENTIFIER_LENGTH

_LEARNER, _PROVIDER = "lrn_01m8mx84efg85m31j5kvm7exvs", "prv_01m8mx84ypv8jnze9ync437qkh"
_AWARD, _COHORT = "awd_01m8mx8bz2x4k7tqv0d3h9w5nc", "coh_01m8mx8gk6r1y5znj8v4c2t7pb"
_PROPOSAL, _ACCREDITATION = "prp_01m8mx8kd4h9w2m6xq5s7f3v1e", "acc_01m8mx8p1v7c3n9kz4t6j2r8dg"
_INTRODUCTION, _OPENING = "int_01m8mx9d2k6v4t8wq1hz3n7r5c", "opn_01m8mx80qj6b9vw3tqf1p5n7ra"
_EMPLOYER = "emp_01m8mx7zgr8tqsxzd2r0g2d4mb"
_CREDENTIAL, _COMPETENCY = "nims:cnc-milling-operator", "machining.cnc-milling"
_CREDENTIAL_MEANING = "Id of a credential in the catalog, such as `nims:cnc-milling-operator`."

LEARNER_ID = Field(description="Id of the learner: `lrn_` and 26 characters.", examples=[_LEARNER])
PROVIDER_ID = Field(description="Id of the training provider: `prv_` and 26 characters.", examples=[_PROVIDER])
CREDENTIAL_ID = Field(description=_CREDENTIAL_MEANING, examples=[_CREDENTIAL])
COMPETENCY_ID = Field(description="Id of a competency in the catalog, such as `machining.cnc-milling`.", examples=[_COMPETENCY])
NEW_ID = Field(
    description="Id that the credential would have: lower-case letters, digits and `. _ : -` after a letter or digit, at most "
    "80 characters. The catalog must not have it yet, and it never changes.",
    examples=["toledo:cnc-milling-starter"],
)

LearnerId = Annotated[str, LEARNER_ID]
ProviderId = Annotated[str, PROVIDER_ID]
CredentialId = Annotated[str, CREDENTIAL_ID]
CompetencyId = Annotated[str, COMPETENCY_ID]
AwardId = Annotated[str, Field(description="Id of the award: `awd_` and 26 characters.", examples=[_AWARD])]
CohortId = Annotated[str, Field(description="Id of the cohort: `coh_` and 26 characters.", examples=[_COHORT])]
ProposalId = Annotated[str, Field(description="Id of the proposal: `prp_` and 26 characters.", examples=[_PROPOSAL])]
AccreditationId = Annotated[
    str, Field(description="Id of the accreditation: `acc_` and 26 characters.", examples=[_ACCREDITATION])
]
RegionId = Annotated[
    str,
    Field(
        description="Labour market: the CBSA code of five digits, `nonmetro-` with the state outside every CBSA, or `remote` "
        "(MARKET.md section 1).",
        examples=["45780"],
    ),
]
Version = Annotated[
    int,
    Field(
        description="Grows by one with each change. A change sends the version that it knows in `If-Match`, in quotes.",
        examples=[3],
    ),
]

IntroductionId = Annotated[
    str,
    Field(
        description="Id of the introduction, given by the openings service: `int_` and 26 characters.", examples=[_INTRODUCTION]
    ),
]
OpeningId = Annotated[str, Field(description="Id of the opening, which the openings service describes.", examples=[_OPENING])]
EmployerId = Annotated[str, Field(description="Id of the employer, given by the openings service.", examples=[_EMPLOYER])]

IntroductionPath = Annotated[
    str, Path(description="Id of an introduction of one of the provider's own learners.", examples=[_INTRODUCTION])
]
LearnerPath = Annotated[str, Path(description="Id of one of the provider's own learners.", examples=[_LEARNER])]
AnyLearnerPath = Annotated[str, Path(description="Id of a learner, of whichever provider.", examples=[_LEARNER])]
AwardPath = Annotated[str, Path(description="Id of one of the learner's awards.", examples=[_AWARD])]
CohortPath = Annotated[str, Path(description="Id of one of the provider's own cohorts.", examples=[_COHORT])]
ProviderPath = Annotated[str, Path(description="Id of a provider; for a provider's key, its own.", examples=[_PROVIDER])]
ProposalPath = Annotated[str, Path(description="Id of a proposal; for a provider's key, one of its own.", examples=[_PROPOSAL])]
AccreditationPath = Annotated[str, Path(description="Id of an accreditation.", examples=[_ACCREDITATION])]
CredentialPath = Annotated[str, Path(max_length=IDENTIFIER_LENGTH, description=_CREDENTIAL_MEANING, examples=[_CREDENTIAL])]
CompetencyPath = Annotated[
    str,
    Path(
        max_length=IDENTIFIER_LENGTH,
        description="Id of a competency in the catalog, such as `machining.cnc-milling`.",
        examples=[_COMPETENCY],
    ),
]
