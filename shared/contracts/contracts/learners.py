"""`learners.learner.v1`, `learners.catalog.v1`, `learners.cohort.v1` (MARKET.md sections 2, 4, 14).

Nothing here identifies a person.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.openings import Shift
from contracts.wire import (
    MOST_AWARDS,
    MOST_LISTED,
    REGION_FORM,
    ZONED,
    AwardId,
    Cents,
    CohortId,
    CompetencyId,
    CredentialId,
    Day,
    LearnerId,
    Level,
    ProviderId,
    Region,
    Seats,
    Text,
    Title,
    Zip,
)
from makersync.topic import WireModel


class AwardState(WireModel):
    """A credential that a learner was awarded or trains for (MARKET.md section 4)."""

    award_id: AwardId
    credential: CredentialId
    status: Literal["active", "in_progress", "suspended", "revoked"] = Field(
        description="`in_progress`: the learner trains for it. Only an `active` award can be in force: from `issued_on` until "
        "the day before `expires_on` (MARKET.md section 4)."
    )
    issued_on: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} on which the credential was issued and from which the award is in force. Not "
        "known: it is not in force.",
        examples=["2026-11-02"],
    )
    expires_on: Day | None = Field(
        None,
        description=f"First calendar date {ZONED} on which the award is no longer in force. Not given: it does not expire.",
        examples=["2031-11-02"],
    )
    expected_on: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} on which the training for an award in progress is expected to end. Only then does "
        "the learner count in the pipeline of a shortage cell (MARKET.md section 12).",
        examples=["2026-11-27"],
    )
    evidence: Literal["verified", "attested"] = Field(
        description="`verified`: the provider that recorded the award is accredited for the credential's issuer. `attested`: "
        "there is the provider's word alone."
    )


class LearnerState(WireModel):
    """A learner as published to one region of the reach: `region` is that region, not the home."""

    learner_id: LearnerId
    provider_id: ProviderId
    region: Region = Field(
        description=f"The region, within the learner's reach, that this record is for: {REGION_FORM}. A learner is published "
        "to each region of the reach."
    )
    zip: Zip = Field(description="US ZIP code of five digits of the learner's home, from which the reach is measured.")
    reach_km: Annotated[int, Field(ge=1, le=300, strict=True)] = Field(
        40,
        description="Greatest distance to work that the learner accepts, in kilometres along the great circle (MARKET.md "
        "section 1).",
    )
    remote_ok: bool = Field(
        False, description="Whether the learner takes remote work. The reach then includes the region `remote`."
    )
    seeking: bool = Field(
        description="Whether the learner is looking for work; if not, there are no matches (MARKET.md section 6).",
        examples=[True],
    )
    seeking_since: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} since which the learner has been looking for work. Among equal scores the earlier "
        "comes first on a shortlist, and learners without a date come last (MARKET.md section 9).",
        examples=["2026-11-02"],
    )
    consents_to_matching: bool = Field(
        description="Whether the learner has agreed to be matched. Without consent every match ends (MARKET.md section 6).",
        examples=[True],
    )
    available_from: Day | None = Field(
        None,
        description=f"First calendar date {ZONED} on which the learner can start work. Not known: no opening is ruled out by "
        "it.",
        examples=["2026-11-23"],
    )
    shifts: Annotated[tuple[Shift, ...], Field(max_length=10)] = Field(
        (),
        description="Shifts that the learner would work. An opening that gives shifts too must share one (MARKET.md section "
        "6). Empty: any.",
        examples=[["day", "evening"]],
    )
    wage_floor: Cents | None = Field(
        None,
        description="Lowest wage that the learner accepts, in US cents an hour. An opening whose `wage_max` is below it is not "
        "matched (MARKET.md section 6). Not known: no opening is ruled out by pay.",
        examples=[2400],
    )
    awards: Annotated[tuple[AwardState, ...], Field(max_length=MOST_AWARDS)] = Field(
        (), description="The learner's awards, of every status and whether in force or not."
    )


class LearnerEnded(WireModel):
    """The learner is no longer in this region (withdrawn) or nowhere (erased): the id alone."""

    learner_id: LearnerId
    region: Region = Field(description=f"The region whose record this ends: {REGION_FORM}.")


class ProviderState(WireModel):
    """A training provider."""

    provider_id: ProviderId
    name: Annotated[Title, Field(min_length=1)] = Field(
        description="Name of the training provider, for people to read.", examples=["York Technical College"]
    )


class CompetencyState(WireModel):
    """Something a person can do, at levels from 1 (aware) to 5 (expert)."""

    id: CompetencyId
    name: Text = Field(description="What people call the competency.", examples=["CNC milling"])


class Conferral(WireModel):
    """A competency that every holder of a credential has."""

    competency: CompetencyId
    level: Level = Field(description="Level at which a holder has the competency, from 1 (aware) to 5 (expert).")


class CredentialState(WireModel):
    """A credential definition, approved by an operator."""

    id: CredentialId = Field(description="Id of the credential, by which awards and openings name it.")
    name: Text = Field(description="What people call the credential.", examples=["Milling I"])
    issuer: Text = Field(
        description="Organisation that issues the credential. Providers are accredited for issuers, which is what makes an "
        "award verified.",
        examples=["National Institute for Metalworking Skills"],
    )
    aliases: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = Field(
        (),
        description="Other names of the credential, for people. Matching does not look at them.",
        examples=[["NIMS Milling 1"]],
    )
    confers: Annotated[tuple[Conferral, ...], Field(max_length=MOST_LISTED)] = Field(
        (), description="Competencies that every holder has (MARKET.md section 2)."
    )
    implies: Annotated[tuple[CredentialId, ...], Field(max_length=MOST_LISTED)] = Field(
        (),
        description="Ids of credentials that a holder of this one holds as well: lesser ones, or the successor of an old name.",
        examples=[["nims:cnc-milling-operator"]],
    )
    composed_of: Annotated[tuple[CredentialId, ...], Field(max_length=MOST_LISTED)] = Field(
        (),
        description="Ids of the credentials that together make this one: who holds them all holds it. Empty: it has no parts.",
        examples=[[]],
    )
    valid_months: Annotated[int, Field(ge=1, le=1_200, strict=True)] | None = Field(
        None,
        description="Months for which an award is usually valid, for people. What counts is `expires_on` of the award.",
        examples=[60],
    )
    training_weeks: Annotated[int, Field(ge=0, le=1_000, strict=True)] | None = Field(
        None,
        description="Weeks that training usually takes. Where credentials are ranked (MARKET.md sections 11 and 12) the "
        "shorter comes first, and where it is not known last.",
        examples=[12],
    )
    references: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = Field(
        (),
        description="Where the definition can be looked up, such as Web addresses.",
        examples=[["https://www.nims-skills.org"]],
    )


class CohortState(WireModel):
    """A class that a provider plans: who enrols trains for the credential until `ends_on` (MARKET.md section 12)."""

    cohort_id: CohortId
    provider_id: ProviderId
    credential: CredentialId = Field(description="Id of the credential that the cohort trains for, in the catalog.")
    region: Region = Field(
        description=f"The region whose shortage cells count the open seats: {REGION_FORM}.",
    )
    seats: Seats = Field(description="How many people the cohort can take.", examples=[16])
    enrolled: Seats = Field(
        description="How many seats are taken. Open seats are `seats` less these, never below 0 (MARKET.md section 12).",
        examples=[11],
    )
    starts_on: Day = Field(description=f"First day of training, a calendar date {ZONED}.", examples=["2026-11-02"])
    ends_on: Day = Field(
        description=f"Last day of training, a calendar date {ZONED}. Open seats count in the pipeline while this day lies "
        "ahead, at most 180 days by default (MARKET.md section 12).",
        examples=["2026-11-27"],
    )


class CohortEnded(WireModel):
    """The cohort was cancelled: the id alone."""

    cohort_id: CohortId
    region: Region
