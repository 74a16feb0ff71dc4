"""Introductions from the question to the hire, across the services: the good days and the bad ones."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .town import PERSON, Town, new_town, token_in


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    made = await new_town(lambda name: f"sqlite+aiosqlite:///{tmp_path / name}.sqlite")
    yield made
    for service in made.services:
        await service.http.aclose()
        await service.context.store.close()


async def test_an_introduction_ends_with_a_hire_that_fills_a_position_and_ends_the_search(town: Town) -> None:
    """One act of the employer; nobody objects for a week."""
    opening_id, learner_id = await town.publish(), await town.register()
    other = await town.publish(title="Setter")
    await town.settle()
    path = await town.accepted(opening_id, learner_id)
    asked_elsewhere = await town.ask(other, learner_id)
    await town.settle()
    assert await town.standings(path) == [("accepted", "learner", None)] * 2
    employer = await town.granted(path)
    shown = await employer.get(path.replace("introductions", "contacts"))
    assert PERSON.items() <= (shown.get("person") or shown).items()
    assert len((await town.provider.get(path + "/readings"))["items"]) == 1

    await town.employer.act(path, "hire", {})
    await town.settle()
    assert await town.standings(path) == [("hired", "employer", None)] * 2
    assert (await town.employer.get(f"/v1/openings/{opening_id}"))["filled"] == 1
    assert (await town.provider.get(f"/v1/learners/{learner_id}"))["seeking"] is True, "it may still be disputed"
    await town.pass_days(7)
    assert (await town.employer.get(path))["hire"] == "confirmed"
    assert (await town.provider.get(f"/v1/learners/{learner_id}"))["seeking"] is False
    assert await town.standings(asked_elsewhere) == [("withdrawn", "learner", "hired_elsewhere")] * 2
    assert await town.shortlist(opening_id) == await town.shortlist(other) == []


async def test_a_confirmed_hire_that_is_undone_resumes_the_search(town: Town) -> None:
    """The learner seeks since the same day as before, and is on the shortlists again."""
    opening_id, learner_id = await town.publish(positions=1), await town.register()
    await town.settle()
    before = await town.provider.get(f"/v1/learners/{learner_id}")
    path = await town.accepted(opening_id, learner_id)
    await town.employer.act(path, "hire", {})
    await town.settle()
    await town.provider.act(path, "confirm-hire")
    await town.settle()
    assert await town.shortlist(opening_id) == []
    await town.employer.act(path, "undo-hire", {})
    await town.settle()
    after = await town.provider.get(f"/v1/learners/{learner_id}")
    assert (after["seeking"], after["seeking_since"]) == (True, before["seeking_since"])
    assert await town.standings(path) == [("accepted", "learner", None)] * 2
    assert await town.shortlist(opening_id) == [learner_id]


async def test_a_consent_that_is_withdrawn_closes_an_open_contact(town: Town) -> None:
    """The next reading is refused, and the employer's side forgets what it knew of the learner."""
    opening_id, learner_id = await town.publish(), await town.register()
    await town.settle()
    path = await town.accepted(opening_id, learner_id)
    reader, contact = await town.granted(path), path.replace("introductions", "contacts")
    assert (await reader.ask("GET", contact)).status_code == 200
    await town.provider.act(f"/v1/learners/{learner_id}", "consent", {"consents_to_matching": False}, "PUT")
    assert (await reader.ask("GET", contact)).status_code == 410, "at once, before any event has arrived"
    await town.settle()
    assert await town.standings(path) == [("withdrawn", "learner", "consent_withdrawn")] * 2
    assert (await town.employer.get(path))["outcomes"] == []


async def test_a_learner_who_was_erased_a_second_ago_is_introduced_to_nobody(town: Town) -> None:
    """The request arrives after the erasure; the employer is told, and keeps no outcome."""
    opening_id, learner_id = await town.publish(), await town.register()
    await town.settle()
    version = (await town.provider.get(f"/v1/learners/{learner_id}"))["version"]
    await town.provider.send("DELETE", f"/v1/learners/{learner_id}", version=version)
    path = await town.ask(opening_id, learner_id)
    await town.settle()
    shown = await town.employer.get(path)
    assert (shown["status"], shown["reason"], shown["outcomes"]) == ("withdrawn", "erased", [])


async def test_a_learner_answers_once_by_a_link(town: Town) -> None:
    """Used twice, late or altered, the link opens nothing."""
    opening_id, learner_id = await town.publish(), await town.register()
    await town.settle()
    path = await town.ask(opening_id, learner_id)
    await town.settle()
    link = await town.provider.act(path, "learner-link")
    address = f"/v1/learner-answers/{token_in(link['address'])}"
    http = town.provider.service.http
    seen = (await http.get(address)).json()
    assert (seen["job"]["title"], seen["job"]["employer_name"], seen["message"]) == (
        "CNC machinist",
        "York employers",
        "Come and see our mill.",
    )
    assert (await http.get(address + "x")).status_code == 404
    answered = await http.post(address, json={"answer": "decline", "reason": "timing"})
    assert answered.status_code == 200, answered.text
    again = await http.post(address, json={"answer": "accept"})
    assert (again.status_code, again.json()["rule"]) == (410, "link_used")
    await town.settle()
    assert await town.standings(path) == [("declined", "learner", "timing")] * 2


async def test_nobody_answers_in_time(town: Town) -> None:
    """It lapses after the last day, in both services, and the link with it."""
    opening_id, learner_id = await town.publish(), await town.register()
    await town.settle()
    path = await town.ask(opening_id, learner_id)
    await town.settle()
    link = await town.provider.act(path, "learner-link")
    await town.pass_days(8)
    assert await town.standings(path) == [("lapsed", "learner", None)] * 2
    late = await town.provider.service.http.get(f"/v1/learner-answers/{token_in(link['address'])}")
    assert late.status_code == 410


async def test_both_sides_end_it_at_the_same_time_and_agree(town: Town) -> None:
    """Neither has seen the other's step; where it stands is one function of both."""
    opening_id, learner_id = await town.publish(), await town.register()
    await town.settle()
    path = await town.ask(opening_id, learner_id)
    await town.settle()
    await town.provider.act(path, "decline", {"reason": "pay"})
    await town.employer.act(path, "withdraw")
    await town.settle()
    assert await town.standings(path) == [("declined", "learner", "pay")] * 2


async def test_the_log_never_holds_a_name_or_a_contact(town: Town) -> None:
    """After a whole life of an introduction, with its contact read; nor does the employer's service store any."""
    opening_id, learner_id = await town.publish(), await town.register()
    await town.settle()
    path = await town.accepted(opening_id, learner_id)
    reader = await town.granted(path)
    assert (await reader.ask("GET", path.replace("introductions", "contacts"))).status_code == 200
    await town.employer.act(path, "hire", {})
    await town.pass_days(8)
    stored = str(await town.employer.service.published.dump())
    for secret in (*PERSON.values(), reader.token):
        assert secret not in town.everything_on_the_log()
        assert secret not in stored


async def test_what_both_services_hold_is_what_the_log_says(town: Town) -> None:
    """The audit's views of both topics, in both services."""
    opening_id, first, second = await town.publish(), await town.register(), await town.register()
    await town.settle()
    path = await town.accepted(opening_id, first)
    await town.employer.act(path, "hire", {})
    declined = await town.ask(opening_id, second)
    await town.settle()
    await town.provider.act(declined, "decline", {"reason": "timing"})
    await town.pass_days(7)
    for service in town.services:
        assert await service.published.disagreements_with_all() == []
