"""An employer that was lost with the database is restored under its old id, and nobody can take over one that exists."""

import asyncio

import pytest
from sqlmodel import select

from makersync.effects.reconciling import Choice
from makersync.identifiers import new_id
from makersync.runtime.service import Context
from makersync.store.tables import AuditRow
from openings.adapters.employer_repository import EmployerRepository
from openings.adapters.employer_tables import EmployerRow
from openings.bootstrap import definition
from openings.domain.employer import lost_name
from tests.servers.restoring import RestoredService

from .conftest import NOW, Caller, Published
from .samples import wanted

SCOPES = ["openings:read", "openings:write"]
LOST = new_id("emp", NOW)


async def restore(caller: Caller, employer_id: str, name: str = "Bolt & Sons") -> tuple[int, str]:
    answer = await caller.post(f"/v1/employers/{employer_id}/restoration", {"name": name})
    document = answer.json()
    return answer.status_code, document["name"] if answer.is_success else document.get("errors", [document])[0].get("rule", "")


async def audited(context: Context) -> list[tuple[str, str]]:
    async with context.store.reading() as session:
        rows = (await session.exec(select(AuditRow).order_by("id"))).all()
    return [(row.action, row.subject) for row in rows if row.action.startswith("employer")]


async def with_new_key(operator: Caller, employer_id: str) -> Caller:
    issued = await operator.post(f"/v1/employers/{employer_id}/keys", {"name": "new", "scopes": SCOPES})
    return Caller(operator.http, employer_id, {"Authorization": f"Bearer {issued.json()['token']}"})


async def test_an_employer_restored_after_a_lost_database_has_its_name_and_can_close_its_openings(
    catalog: None, operator: Caller, context: Context
) -> None:
    restored = await RestoredService(context, definition()).open()
    empty = await restored.dump()
    admitted = (await operator.post("/v1/employers", {"name": "Bolt & Sons"})).json()
    employer_id = admitted["employer_id"]
    opening_id = (await (await with_new_key(operator, employer_id)).post("/v1/openings", wanted())).json()["opening_id"]
    await restored.publish()
    await restored.restore(empty)
    await restored.reconcile(Choice.TAKE_LOG)
    back = await operator.post(f"/v1/employers/{employer_id}/restoration", {"name": "Bolt & Sons"})
    assert (back.status_code, back.json()) == (200, admitted)
    bolt = await with_new_key(operator, employer_id)
    assert (await bolt.change("POST", f"/v1/openings/{opening_id}/closing", 1)).json()["status"] == "closed"
    assert await audited(context) == [("employer_restored", employer_id)]


async def test_an_event_names_the_employer_but_for_one_whose_name_is_lost(
    catalog: None, operator: Caller, published: Published, context: Context
) -> None:
    """Guards: a placeholder would be shown to providers as if it were somebody's name."""
    for name, expected in ((lost_name(LOST), None), ("Bolt & Sons", "Bolt & Sons")):
        async with context.store.transaction() as session:
            await session.merge(EmployerRow(employer_id=LOST, name=name, created_at=NOW))
        answer = await (await with_new_key(operator, LOST)).post("/v1/openings", wanted(title=f"Job of {expected}"))
        assert answer.status_code == 201, answer.text
        assert (await published.events())[-1].data.get("employer_name") == expected


async def test_an_employer_that_no_event_mentions_is_restored_once(operator: Caller, context: Context) -> None:
    for _ in range(2):
        assert await restore(operator, LOST) == (200, "Bolt & Sons")
    assert (await operator.get(f"/v1/employers/{LOST}")).json()["created_at"] == "2026-11-22T09:00:00Z"
    assert await audited(context) == [("employer_restored", LOST)]


async def test_an_existing_employer_is_not_taken_over(operator: Caller, context: Context) -> None:
    admitted = (await operator.post("/v1/employers", {"name": "Acme"})).json()
    assert await restore(operator, admitted["employer_id"]) == (409, "other_name")
    assert await restore(operator, admitted["employer_id"], "Acme") == (200, "Acme")
    assert (await operator.get(f"/v1/employers/{admitted['employer_id']}")).json()["name"] == "Acme"
    assert await audited(context) == [("employer_admitted", admitted["employer_id"])]


async def test_of_restorations_sent_at_once_one_is_done(operator: Caller, context: Context) -> None:
    answers = await asyncio.gather(*(restore(operator, LOST) for _ in range(5)))
    assert (200, "Bolt & Sons") in answers
    assert set(answers) <= {(200, "Bolt & Sons"), (409, "exists")}
    assert await audited(context) == [("employer_restored", LOST)]


async def test_an_employer_that_another_request_has_just_restored_stays_as_it_is(
    operator: Caller, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite lets one request write at a time, so the second is told here what it would have seen before the first's commit."""

    async def claim(_employers: EmployerRepository, _employer_id: str) -> None:
        return None

    assert await restore(operator, LOST) == (200, "Bolt & Sons")
    with monkeypatch.context() as before_commit:
        before_commit.setattr(EmployerRepository, "claim", claim)
        assert await restore(operator, LOST, "Other") == (409, "exists")
    assert (await operator.get(f"/v1/employers/{LOST}")).json()["name"] == "Bolt & Sons"
    assert await restore(operator, LOST) == (200, "Bolt & Sons")
    assert await audited(context) == [("employer_restored", LOST)]


@pytest.mark.parametrize(
    "employer_id",
    [
        "emp_bolt",
        LOST.upper(),
        f"prv{LOST[3:]}",
        LOST[:-1],
        f"{LOST}0",
        f"emp_8{LOST[5:]}",
        f"emp_7{'z' * 25}",
        f"emp_{'u' * 26}",
    ],
    ids=["a_word", "capitals", "another_kind", "too_short", "too_long", "no_time", "a_time_to_come", "a_letter_of_none"],
)
async def test_only_an_id_that_this_service_can_have_made_is_restored(operator: Caller, employer_id: str) -> None:
    assert await restore(operator, employer_id) == (422, "identifier")
