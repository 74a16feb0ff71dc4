"""Carries the demo's drafts to the front doors, as employers, providers and operators would, and notes the ids in the book."""

from collections.abc import Mapping
from datetime import date

from demo.market.bodies import award_body, cohort_body, group_bodies, opening_body, profile_body
from demo.market.drafts import AwardDraft, CohortDraft, EmployerDraft, LearnerDraft, OpeningDraft, ProviderDraft
from demo.running.book import Book, Organisation
from demo.running.front_doors import FrontDoors

_EMPLOYER_SCOPES = ("openings:read", "openings:write")
_PROVIDER_SCOPES = ("learners:read", "learners:write")
#: The sub-resource that makes an award what it is to be.
_HAPPENINGS: Mapping[str, str] = {
    "suspend": "suspension",
    "reinstate": "reinstatement",
    "revoke": "revocation",
    "suspended": "suspension",
    "revoked": "revocation",
}


class Clerk:
    """Every method raises Refused when a service says no, DoorClosed when it is away for long."""

    def __init__(self, doors: FrontDoors, book: Book) -> None:
        self._doors = doors
        self._book = book

    async def admit(self, draft: EmployerDraft) -> None:
        door, operator = self._doors.openings, self._doors.operator_keys["openings"]
        made = await door.create(operator, "/v1/employers", {"name": draft.name}, draft.key)
        wanted = {"name": "demo", "scopes": _EMPLOYER_SCOPES}
        issued = await door.create(operator, f"/v1/employers/{made['employer_id']}/keys", wanted)
        self._book.employers[draft.key] = Organisation(made["employer_id"], draft.name, issued["token"])

    async def bring_in(self, draft: ProviderDraft) -> None:
        """A provider, with the issuers that it is accredited for."""
        door, operator = self._doors.learners, self._doors.operator_keys["learners"]
        made = await door.create(operator, "/v1/providers", {"name": draft.name}, draft.key)
        provider_id = made["provider_id"]
        for issuer in sorted(draft.issuers):
            accreditation = {"provider_id": provider_id, "issuer": issuer}
            await door.create(operator, "/v1/accreditations", accreditation, f"{draft.key} {issuer}".replace(" ", "-"))
        wanted = {"name": "demo", "scopes": _PROVIDER_SCOPES}
        issued = await door.create(operator, f"/v1/providers/{provider_id}/keys", wanted)
        self._book.providers[draft.key] = Organisation(provider_id, draft.name, issued["token"])

    async def plan(self, draft: CohortDraft) -> str:
        """The new cohort's id."""
        token = self._book.providers[draft.provider].token
        made = await self._doors.learners.create(token, "/v1/cohorts", cohort_body(draft), draft.key)
        return str(made["cohort_id"])

    async def enrol(self, learner: LearnerDraft, cohort_id: str) -> None:
        token, learner_id = self._whose(learner)
        body, once = {"learner_id": learner_id}, f"{learner.key}-{cohort_id}"
        await self._doors.learners.create(token, f"/v1/cohorts/{cohort_id}/enrolments", body, once)

    async def publish(self, draft: OpeningDraft, keep: bool = True) -> None:
        token = self._book.employers[draft.employer].token
        made = await self._doors.openings.create(token, "/v1/openings", opening_body(draft), draft.key)
        if keep:
            self._book.openings[draft.key] = made["opening_id"]

    async def register(self, draft: LearnerDraft, keep: bool = True) -> None:
        """A learner with all awards."""
        token = self._book.providers[draft.provider].token
        person = {"name": draft.name, "email": draft.email}
        body = {"person": person, "consents_to_matching": draft.consents} | profile_body(draft)
        made = await self._doors.learners.create(token, "/v1/learners", body, draft.key)
        if keep:
            self._book.learners[draft.key] = made["learner_id"]
        for award in draft.awards:
            await self._record(token, made["learner_id"], award, keep)

    async def record(self, learner: LearnerDraft, award: AwardDraft) -> None:
        await self._record(*self._whose(learner), award, keep=True)

    async def _record(self, token: str, learner_id: str, draft: AwardDraft, keep: bool) -> None:
        """Recorded as active or in progress; what it has become since follows."""
        first = award_body(draft) | {"status": "in_progress" if draft.status == "in_progress" else "active"}
        made = await self._doors.learners.create(token, f"/v1/learners/{learner_id}/awards", first, draft.key)
        if keep:
            self._book.awards[draft.key] = made["award_id"]
        if draft.status in _HAPPENINGS:
            path = f"/v1/learners/{learner_id}/awards/{made['award_id']}/{_HAPPENINGS[draft.status]}"
            await self._doors.learners.change(token, "POST", path)

    async def change_award(self, learner: LearnerDraft, award: AwardDraft, how: str) -> None:
        """`how` as in `moves.ChangeAward`."""
        token, learner_id = self._whose(learner)
        path = f"/v1/learners/{learner_id}/awards/{self._book.awards[award.key]}"
        dates = {"expires_on": _iso(award.expires_on)}
        if how == "renew":
            await self._doors.learners.change(token, "POST", f"{path}/renewal", dates)
        elif how == "expire":
            await self._doors.learners.change(token, "PATCH", path, dates)
        else:
            await self._doors.learners.change(token, "POST", f"{path}/{_HAPPENINGS[how]}")

    async def consent(self, learner: LearnerDraft, consents: bool) -> None:
        token, learner_id = self._whose(learner)
        body = {"consents_to_matching": consents}
        await self._doors.learners.change(token, "PUT", f"/v1/learners/{learner_id}/consent", body)

    async def move(self, learner: LearnerDraft, zip_code: str) -> None:
        token, learner_id = self._whose(learner)
        await self._doors.learners.change(token, "PATCH", f"/v1/learners/{learner_id}", {"zip": zip_code})

    async def erase(self, learner: LearnerDraft) -> None:
        token, learner_id = self._whose(learner)
        await self._doors.learners.change(token, "DELETE", f"/v1/learners/{learner_id}")
        self._book.learners.pop(learner.key)
        for award in learner.awards:
            self._book.awards.pop(award.key, None)

    async def revise(self, opening: OpeningDraft) -> None:
        """Everything that a revision of the demo can touch; null takes away."""
        token, path = self._where(opening)
        body = {
            "positions": opening.positions,
            "closes_on": _iso(opening.closes_on),
            "start_by": _iso(opening.start_by),
            "wage_max": opening.wage_max,
            "groups": group_bodies(opening.groups),
        }
        await self._doors.openings.change(token, "PATCH", path, body)

    async def fill(self, opening: OpeningDraft, filled: int) -> None:
        token, path = self._where(opening)
        await self._doors.openings.change(token, "POST", f"{path}/fillings", {"filled": filled})

    async def close(self, opening: OpeningDraft) -> None:
        token, path = self._where(opening)
        await self._doors.openings.change(token, "POST", f"{path}/closing")
        self._book.openings.pop(opening.key)

    def _whose(self, learner: LearnerDraft) -> tuple[str, str]:
        return self._book.providers[learner.provider].token, self._book.learners[learner.key]

    def _where(self, opening: OpeningDraft) -> tuple[str, str]:
        return self._book.employers[opening.employer].token, f"/v1/openings/{self._book.openings[opening.key]}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
