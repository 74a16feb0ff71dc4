"""Bodies of requests about learners."""

from dataclasses import replace

from pydantic import Field, StrictBool

from learners.application.registering import LearnerProfile
from learners.domain.learner import DEFAULT_REACH_KM, Availability, Reach
from learners.domain.learner_person import Person, person
from learners.entrypoints.fields import Day, Name, ReachKm, Shifts, WageFloor, ZipCode
from makersync.http.bodies import LEFT_OUT, RequestModel


class PersonBody(RequestModel):
    """Who the learner is. Stays in this service; no event tells of it."""

    name: Name
    email: str | None = Field(None, max_length=254)
    phone: str | None = Field(None, max_length=30)

    def person(self) -> Person:
        """Raises RuleBroken."""
        return person(self.name, self.email, self.phone)


class LearnerBody(RequestModel):
    """A new learner."""

    person: PersonBody
    zip: ZipCode
    reach_km: ReachKm = DEFAULT_REACH_KM
    remote_ok: StrictBool = False
    seeking: StrictBool = False
    seeking_since: Day | None = Field(None, description="Leave it out: it is the day on which the service learned of it.")
    consents_to_matching: StrictBool = False
    available_from: Day | None = None
    shifts: Shifts = ()
    wage_floor: WageFloor | None = None

    def profile(self) -> LearnerProfile:
        """Raises RuleBroken."""
        return LearnerProfile(
            self.person.person(),
            Reach(self.zip, self.reach_km, self.remote_ok),
            Availability(self.seeking, self.seeking_since, self.available_from, self.shifts, self.wage_floor),
        )


class LearnerPatch(RequestModel):
    """What changes of a learner; what is left out stays. Null empties what may be unknown."""

    person: PersonBody = LEFT_OUT
    zip: ZipCode = LEFT_OUT
    reach_km: ReachKm = LEFT_OUT
    remote_ok: StrictBool = LEFT_OUT
    seeking: StrictBool = LEFT_OUT
    seeking_since: Day | None = None
    available_from: Day | None = None
    shifts: Shifts = LEFT_OUT
    wage_floor: WageFloor | None = None

    def rewrite(self, before: LearnerProfile) -> LearnerProfile:
        """Raises RuleBroken."""
        given = self.given
        who = self.person.person() if "person" in given else before.person
        reach = {name: value for name, value in given.items() if name in Reach.__slots__}
        availability = {name: value for name, value in given.items() if name in Availability.__slots__}
        return LearnerProfile(who, replace(before.reach, **reach), replace(before.availability, **availability))


class SearchBody(RequestModel):
    """Since when somebody seeks, as it is known from elsewhere."""

    seeking_since: Day
    reason: Name = Field(description="Kept in the audit.")


class ConsentBody(RequestModel):
    consents_to_matching: StrictBool
