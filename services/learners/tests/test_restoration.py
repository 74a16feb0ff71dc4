"""A provider that was lost with the database is restored under its old id; an existing one cannot be taken over."""

import pytest
from sqlmodel import select

from learners.bootstrap import definition
from makersync.effects.reconciling import Choice
from makersync.runtime.service import Context
from makersync.store.tables import AuditRow
from tests.servers.restoring import RestoredService

from .conftest import SCOPES, Caller
from .samples import accepted, register

#: The id of a provider that was added at NOW.
LOST = "prv_01m817qnm0jdkxnd7nesrdg8sj"


async def restore(caller: Caller, provider_id: str, name: str = "York Technical") -> tuple[int, str]:
    answer = await caller.post(f"/v1/providers/{provider_id}/restoration", {"name": name})
    document = answer.json()
    return answer.status_code, document["name"] if answer.is_success else document.get("errors", [document])[0].get("rule", "")


async def audited(context: Context) -> list[tuple[str, str]]:
    async with context.store.reading() as session:
        rows = (await session.exec(select(AuditRow).order_by("id"))).all()
    return [(row.action, row.subject) for row in rows if row.action.startswith("provider")]


async def with_new_key(operator: Caller, provider_id: str) -> Caller:
    issued = accepted(await operator.post(f"/v1/providers/{provider_id}/keys", {"name": "new", "scopes": list(SCOPES)}))
    return Caller(operator.http, {"Authorization": f"Bearer {issued['token']}"})


async def test_a_restored_provider_can_name_and_erase_its_learners(operator: Caller, context: Context) -> None:
    restored = await RestoredService(context, definition()).open()
    await restored.publish()
    empty = await restored.dump()
    added = accepted(await operator.post("/v1/providers", {"name": "York Technical"}))
    provider_id = added["provider_id"]
    learner_id = await register(await with_new_key(operator, provider_id))
    await restored.publish()
    await restored.restore(empty)
    await restored.reconcile(Choice.TAKE_LOG)
    back = accepted(await operator.post(f"/v1/providers/{provider_id}/restoration", {"name": "York Technical"}))
    assert back == added
    york, path = await with_new_key(operator, provider_id), f"/v1/learners/{learner_id}"
    named = accepted(await york.change("PATCH", path, 1, {"person": {"name": "Ada Byron"}}))
    assert named["person"]["name"] == "Ada Byron"
    assert (await york.change("DELETE", path, 2)).status_code == 204
    assert await audited(context) == [], "its name came back from the topic"


async def test_a_provider_unknown_to_the_topics_is_restored_once(operator: Caller, context: Context) -> None:
    for _ in range(2):
        assert await restore(operator, LOST) == (200, "York Technical")
    assert accepted(await operator.get(f"/v1/providers/{LOST}"))["created_at"] == "2026-11-22T09:00:00Z"
    assert await audited(context) == [("provider_restored", LOST)]


async def test_an_existing_provider_is_not_taken_over(operator: Caller, context: Context) -> None:
    added = accepted(await operator.post("/v1/providers", {"name": "Lima College"}))
    assert await restore(operator, added["provider_id"]) == (409, "other_name")
    assert await restore(operator, added["provider_id"], "Lima College") == (200, "Lima College")
    assert accepted(await operator.get(f"/v1/providers/{added['provider_id']}"))["name"] == "Lima College"
    assert await audited(context) == [("provider_added", added["provider_id"])]


@pytest.mark.parametrize(
    "provider_id",
    [
        "prv_york",
        LOST.upper(),
        f"emp{LOST[3:]}",
        LOST[:-1],
        f"{LOST}0",
        f"prv_8{LOST[5:]}",
        f"prv_7{'z' * 25}",
        f"prv_{'u' * 26}",
    ],
    ids=["a_word", "capitals", "another_kind", "too_short", "too_long", "no_time", "a_time_to_come", "a_letter_of_none"],
)
async def test_only_a_well_formed_id_of_the_past_is_restored(operator: Caller, provider_id: str) -> None:
    assert await restore(operator, provider_id) == (422, "identifier")
