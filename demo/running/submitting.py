"""Sends the demo's drafts to the services as employers, providers and operators would, and keeps the ids they issue."""

from collections.abc import Mapping
from datetime import date

from demo.client.issued_ids import IssuedIds, Organisation
from demo.client.service_clients import ServiceClients
from demo.market.bodies import award_body, cohort_body, group_bodies, opening_body, profile_body
from demo.market.drafts import AwardDraft, CohortDraft, EmployerDraft, LearnerDraft, OpeningDraft, ProviderDraft

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


class Submitter:
    """Every method raises Refused when a service says no, DoorClosed when it is away for long."""

    def __init__(self, clients: ServiceClients, ids: IssuedIds) -> None:
        self._clients = clients
        self._ids = ids

    async def admit(self, draft: EmployerDraft) -> None:
        client, operator = self._clients.openings, self._clients.operator_keys["openings"]
        made = await client.create(operator, "/v1/employers", {"name": draft.name}, draft.key)
        wanted = {"name": "demo", "scopes": _EMPLOYER_SCOPES}
        issued = await client.create(operator, f"/v1/employers/{made['employer_id']}/keys", wanted)
        self._ids.employers[draft.key] = Organisation(made["employer_id"], draft.name, issued["token"])

    async def bring_in(self, draft: ProviderDraft) -> None:
        """A provider, with the issuers that it is accredited for."""
        client, operator = self._clients.learners, self._clients.operator_keys["learners"]
        made = await client.create(operator, "/v1/providers", {"name": draft.name}, draft.key)
        provider_id = made["provider_id"]
        for issuer in sorted(draft.issuers):
            accreditation = {"provider_id": provider_id, "issuer": issuer}
            await client.create(operator, "/v1/accreditations", accreditation, f"{draft.key} {issuer}".replace(" ", "-"))
        wanted = {"name": "demo", "scopes": _PROVIDER_SCOPES}
        issued = await client.create(operator, f"/v1/providers/{provider_id}/keys", wanted)
        self._ids.providers[draft.key] = Organisation(provider_id, draft.name, issued["token"])

    async def plan(self, draft: CohortDraft) -> str:
        """The new cohort's id."""
        token = self._ids.providers[draft.provider].token
        made = await self._clients.learners.create(token, "/v1/cohorts", cohort_body(draft), draft.key)
        return str(made["cohort_id"])

    async def enrol(self, learner: LearnerDraft, cohort_id: str) -> None:
        token, learner_id = self._whose(learner)
        body, once = {"learner_id": learner_id}, f"{learner.key}-{cohort_id}"
        await self._clients.learners.create(token, f"/v1/cohorts/{cohort_id}/enrolments", body, once)

    async def publish(self, draft: OpeningDraft, keep: bool = True) -> None:
        token = self._ids.employers[draft.employer].token
        made = await self._clients.openings.create(token, "/v1/openings", opening_body(draft), draft.key)
        if keep:
            self._ids.openings[draft.key] = made["opening_id"]

    async def register(self, draft: LearnerDraft, keep: bool = True) -> None:
        """A learner with all awards."""
        token = self._ids.providers[draft.provider].token
        person = {"name": draft.name, "email": draft.email}
        body = {"person": person, "consents_to_matching": draft.consents} | profile_body(draft)
        made = await self._clients.learners.create(token, "/v1/learners", body, draft.key)
        if keep:
            self._ids.learners[draft.key] = made["learner_id"]
        for award in draft.awards:
            await self._record(token, made["learner_id"], award, keep)

    async def record(self, learner: LearnerDraft, award: AwardDraft) -> None:
        await self._record(*self._whose(learner), award, keep=True)

    async def _record(self, token: str, learner_id: str, draft: AwardDraft, keep: bool) -> None:
        """Recorded as active or in progress; what it has become since follows."""
        first = award_body(draft) | {"status": "in_progress" if draft.status == "in_progress" else "active"}
        made = await self._clients.learners.create(token, f"/v1/learners/{learner_id}/awards", first, draft.key)
        if keep:
            self._ids.awards[draft.key] = made["award_id"]
        if draft.status in _HAPPENINGS:
            path = f"/v1/learners/{learner_id}/awards/{made['award_id']}/{_HAPPENINGS[draft.status]}"
            await self._clients.learners.change(token, "POST", path)

    async def change_award(self, learner: LearnerDraft, award: AwardDraft, how: str) -> None:
        """`how` as in `moves.ChangeAward`."""
        token, learner_id = self._whose(learner)
        path = f"/v1/learners/{learner_id}/awards/{self._ids.awards[award.key]}"
        dates = {"expires_on": _iso(award.expires_on)}
        if how == "renew":
            await self._clients.learners.change(token, "POST", f"{path}/renewal", dates)
        elif how == "expire":
            await self._clients.learners.change(token, "PATCH", path, dates)
        else:
            await self._clients.learners.change(token, "POST", f"{path}/{_HAPPENINGS[how]}")

    async def consent(self, learner: LearnerDraft, consents: bool) -> None:
        token, learner_id = self._whose(learner)
        body = {"consents_to_matching": consents}
        await self._clients.learners.change(token, "PUT", f"/v1/learners/{learner_id}/consent", body)

    async def move(self, learner: LearnerDraft, zip_code: str) -> None:
        token, learner_id = self._whose(learner)
        await self._clients.learners.change(token, "PATCH", f"/v1/learners/{learner_id}", {"zip": zip_code})

    async def erase(self, learner: LearnerDraft) -> None:
        token, learner_id = self._whose(learner)
        await self._clients.learners.change(token, "DELETE", f"/v1/learners/{learner_id}")
        self._ids.learners.pop(learner.key)
        for award in learner.awards:
            self._ids.awards.pop(award.key, None)

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
        await self._clients.openings.change(token, "PATCH", path, body)

    async def fill(self, opening: OpeningDraft, filled: int) -> None:
        token, path = self._where(opening)
        await self._clients.openings.change(token, "POST", f"{path}/fillings", {"filled": filled})

    async def close(self, opening: OpeningDraft) -> None:
        token, path = self._where(opening)
        await self._clients.openings.change(token, "POST", f"{path}/closing")
        self._ids.openings.pop(opening.key)

    def _whose(self, learner: LearnerDraft) -> tuple[str, str]:
        return self._ids.providers[learner.provider].token, self._ids.learners[learner.key]

    def _where(self, opening: OpeningDraft) -> tuple[str, str]:
        return self._ids.employers[opening.employer].token, f"/v1/openings/{self._ids.openings[opening.key]}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
