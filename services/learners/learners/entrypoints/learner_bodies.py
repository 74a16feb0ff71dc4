"""Bodies of requests about learners."""

from dataclasses import replace
from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

from contracts.wire import ZONED
from learners.application.registering import LearnerProfile
from learners.domain.learner import DEFAULT_REACH_KM, Availability, Reach
from learners.domain.learner_person import Person, person
from learners.entrypoints.fields import Day, Name
from learners.entrypoints.ids import LEARNER_ID, LearnerId
from learners.entrypoints.learner_fields import (
    AVAILABLE_FROM,
    CONSENTS,
    EMAIL,
    PERSON_NAME,
    PHONE,
    REMOTE_OK,
    SEEKING,
    STUDENT_NUMBER,
    ReachKm,
    Shifts,
    WageFloor,
    ZipCode,
)
from makersync.http.bodies import LEFT_OUT, RequestModel

SeekingSince = Annotated[
    Day | None,
    Field(
        description=f"Leave it out: the service sets it to the calendar date {ZONED} on which it learns that the learner "
        "seeks, and refuses any other. It decides between equal scores (MARKET.md section 9), so only operators can set it "
        "back.",
        examples=["2026-11-22"],
    ),
]


class PersonBody(RequestModel):
    """Who the learner is: personal data, in this service's database alone. No event, log or kept answer has it, only the
    learner's own provider reads it, and erasing the learner deletes it."""

    name: Annotated[Name, PERSON_NAME]
    email: Annotated[str | None, Field(max_length=254), EMAIL] = None
    phone: Annotated[str | None, Field(max_length=30), PHONE] = None
    student_number: Annotated[str | None, Field(max_length=40), STUDENT_NUMBER] = None

    def person(self) -> Person:
        """Raises RuleBroken."""
        return person(self.name, self.email, self.phone, self.student_number)


class LearnerBody(RequestModel):
    """A new learner."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person": {"name": "Robin Example", "email": "robin@example.com", "phone": "+1 419 555 0100"},
                    "zip": "43604",
                    "reach_km": 40,
                    "remote_ok": False,
                    "seeking": True,
                    "consents_to_matching": True,
                    "available_from": "2026-11-30",
                    "shifts": ["day", "evening"],
                    "wage_floor": 2500,
                }
            ]
        }
    )

    person: PersonBody = Field(description="Who the learner is. No event carries it.")
    zip: ZipCode
    reach_km: ReachKm = DEFAULT_REACH_KM
    remote_ok: Annotated[StrictBool, REMOTE_OK] = False
    seeking: Annotated[StrictBool, SEEKING] = False
    seeking_since: SeekingSince = None
    consents_to_matching: Annotated[StrictBool, CONSENTS] = False
    available_from: Annotated[Day | None, AVAILABLE_FROM] = None
    shifts: Shifts = ()
    wage_floor: WageFloor = None

    def profile(self) -> LearnerProfile:
        """Raises RuleBroken."""
        return LearnerProfile(
            self.person.person(),
            Reach(self.zip, self.reach_km, self.remote_ok),
            Availability(self.seeking, self.seeking_since, self.available_from, self.shifts, self.wage_floor),
        )


class LearnerPatch(RequestModel):
    """What changes of a learner; what is left out stays. Null empties what may be unknown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"seeking": True, "shifts": ["day"], "wage_floor": 2500}]})

    person: Annotated[
        PersonBody,
        Field(description="Who the learner is. It is replaced as a whole: an e-mail address that is left out is forgotten."),
    ] = LEFT_OUT
    zip: ZipCode = LEFT_OUT
    reach_km: ReachKm = LEFT_OUT
    remote_ok: Annotated[StrictBool, REMOTE_OK] = LEFT_OUT
    seeking: Annotated[StrictBool, SEEKING] = LEFT_OUT
    seeking_since: SeekingSince = None
    available_from: Annotated[Day | None, AVAILABLE_FROM] = None
    shifts: Shifts = LEFT_OUT
    wage_floor: WageFloor = None

    def rewrite(self, before: LearnerProfile) -> LearnerProfile:
        """Raises RuleBroken."""
        given = self.given
        who = self.person.person() if "person" in given else before.person
        reach = {name: value for name, value in given.items() if name in Reach.__slots__}
        availability = {name: value for name, value in given.items() if name in Availability.__slots__}
        return LearnerProfile(who, replace(before.reach, **reach), replace(before.availability, **availability))


class MergeBody(RequestModel):
    """The other record of the same person, which is erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"learner_id": LEARNER_ID.examples[0], "version": 4}]})

    learner_id: LearnerId
    version: Annotated[int, Field(ge=1, description="The version of the other record that the caller has seen.", examples=[4])]


class SearchBody(RequestModel):
    """Since when somebody seeks, as it is known from elsewhere."""

    seeking_since: Day = Field(
        description=f"Calendar date {ZONED} on which the learner began to seek, from 2000-01-01 to today.",
        examples=["2026-11-02"],
    )
    reason: Name = Field(
        description="How the date is known. The audit keeps it with the learner's id, also after the learner is erased: name "
        "nobody in it.",
        examples=["Moved here from the college's own register"],
    )


class ConsentBody(RequestModel):
    """What the learner has decided about being matched."""

    consents_to_matching: Annotated[StrictBool, CONSENTS]
