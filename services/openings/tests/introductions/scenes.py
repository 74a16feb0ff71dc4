"""What the tests of introductions begin with: a candidate on a shortlist, and what an employer does about it."""

from dataclasses import dataclass
from typing import Any

import httpx

from services.openings.tests.conftest import Caller
from services.openings.tests.events import Answer, Feed, Match

CONTACT = "hiring@york.example, 717-555-0117"


@dataclass
class Scene:
    """One opening of an employer, whose candidates it asks to meet."""

    employer: Caller
    feed: Feed
    opening_id: str

    async def propose(self, *learners: str, version: int = 1) -> None:
        """Put learners on the shortlist."""
        facts = {"employer_id": self.employer.organisation_id}
        await self.feed.matches(*(Match(self.opening_id, each, facts).proposed(version) for each in learners))

    async def ask(self, learner_id: str = "lrn_1", **changed: Any) -> httpx.Response:
        body = {"learner_id": learner_id, "contact": CONTACT, "message": "Come and see our mill."} | changed
        return await self.employer.post(f"/v1/openings/{self.opening_id}/introductions", body)

    async def asked(self, learner_id: str = "lrn_1") -> str:
        """Ask for a new candidate, and return the introduction's id."""
        await self.propose(learner_id)
        answer = await self.ask(learner_id)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["introduction_id"])

    async def accepted(self, learner_id: str = "lrn_1") -> str:
        introduction_id = await self.asked(learner_id)
        await self.feed.answers((await self.answer(introduction_id)).accepted())
        return introduction_id

    async def hired(self, learner_id: str = "lrn_1") -> str:
        introduction_id = await self.accepted(learner_id)
        answer = await self.act(introduction_id, "hire", {})
        assert answer.status_code == 200, answer.text
        return introduction_id

    async def answer(self, introduction_id: str) -> Answer:
        return Answer(await self.shown(introduction_id))

    async def shown(self, introduction_id: str) -> dict[str, Any]:
        answer = await self.employer.get(f"/v1/introductions/{introduction_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def opening(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.employer.get(f"/v1/openings/{self.opening_id}")).json()
        return found

    async def act(self, introduction_id: str, step: str, body: Any = None, version: int | str | None = None) -> httpx.Response:
        """Take a step at the version that is current, or at another one."""
        if version is None:
            version = (await self.shown(introduction_id))["version"]
        return await self.employer.change("POST", f"/v1/introductions/{introduction_id}/{step}", version, body)

    async def on_opening(self, step: str, body: Any = None) -> httpx.Response:
        version = (await self.opening())["version"]
        return await self.employer.change("POST", f"/v1/openings/{self.opening_id}/{step}", version, body)


def rule_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["rule"]


def standing(shown: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return shown["status"], shown["side"], shown["reason"]
