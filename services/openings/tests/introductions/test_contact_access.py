"""Access to a contact: a token that this service shows once, and of which it keeps and publishes nothing but a digest."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.runtime.service import Context
from makersync.store.tables import IdempotencyRow, OutboxRow
from openings.adapters.introduction_tables import IntroductionRequestRow
from services.openings.tests.conftest import NOW, Caller, MakeCaller, Published

from .scenes import Scene, rule_of


def path_of(introduction_id: str) -> str:
    return f"/v1/introductions/{introduction_id}/contact-access"


async def test_an_acceptance_opens_the_contact_to_whoever_has_the_token(scene: Scene, published: Published) -> None:
    """The learners service compares the digest; the address is its public one."""
    introduction_id = await scene.accepted()
    answer = await scene.employer.post(path_of(introduction_id))
    assert answer.status_code == 201, answer.text
    granted = answer.json()
    assert granted["address"] == f"http://127.0.0.1:8102/v1/contacts/{introduction_id}"
    event = (await published.events())[-1]
    assert event.type == "openings.ContactAccessGranted"
    assert event.data["access"]["digest"] == hashlib.sha256(f"{introduction_id}:{granted['token']}".encode()).hexdigest()
    assert event.data["access"]["expires_at"] == (NOW + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert granted["expires_at"] == event.data["access"]["expires_at"]


async def test_the_token_is_stored_nowhere(scene: Scene, context: Context) -> None:
    """Whoever reads the database, a backup or the topic reads no contact."""
    introduction_id = await scene.accepted()
    token = (await scene.employer.post(path_of(introduction_id), None, Idempotency_Key="k")).json()["token"]
    async with context.store.reading() as session:
        stored = [row.model_dump() for row in await session.exec(select(IntroductionRequestRow))]
        stored += [row.model_dump() for row in await session.exec(select(OutboxRow))]
        stored += [row.model_dump() for row in await session.exec(select(IdempotencyRow))]
    assert token not in json.dumps(stored, default=str)


async def test_a_repeated_request_shows_no_token_and_a_new_one_another(scene: Scene) -> None:
    """The token is shown once; the newest replaces those before."""
    introduction_id = await scene.accepted()
    first = (await scene.employer.post(path_of(introduction_id), None, Idempotency_Key="k")).json()
    again = (await scene.employer.post(path_of(introduction_id), None, Idempotency_Key="k")).json()
    assert (again["token"], again["expires_at"]) == (None, first["expires_at"])
    assert (await scene.employer.post(path_of(introduction_id))).json()["token"] not in (first["token"], None)


async def test_nobody_but_the_asking_employer_gets_access_and_only_after_acceptance(
    scene: Scene, bolt: Caller, operator: Caller, caller: MakeCaller
) -> None:
    """Operators, readers and other employers get none."""
    introduction_id = await scene.asked()
    assert rule_of(await scene.employer.post(path_of(introduction_id))) == (409, "not_accepted")
    await scene.feed.answers((await scene.answer(introduction_id)).accepted())
    assert rule_of(await bolt.post(path_of(introduction_id))) == (404, "no_such_thing")
    reader = await caller("emp_acme", ["openings:read"])
    for each in (operator, reader):
        assert rule_of(await each.post(path_of(introduction_id))) == (403, "scope_missing")


@pytest.mark.parametrize(("step", "body"), [("withdraw", None), ("hire", {}), ("not-hired", {"reason": "other"})])
async def test_the_end_of_the_introduction_takes_the_access_away(
    scene: Scene, published: Published, step: str, body: object
) -> None:
    """The newest record of the request has no digest, so the learners service shows the contact no more."""
    introduction_id = await scene.accepted()
    await scene.employer.post(path_of(introduction_id))
    assert (await scene.shown(introduction_id))["access_expires_at"] is not None
    await scene.act(introduction_id, step, body)
    assert (await scene.shown(introduction_id))["access_expires_at"] is None
    mine = [event for event in await published.events() if event.subject == introduction_id]
    assert "access" not in mine[-1].data
    assert rule_of(await scene.employer.post(path_of(introduction_id))) == (409, "introduction_ended")
