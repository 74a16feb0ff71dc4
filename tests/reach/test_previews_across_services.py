"""Previews and counts across the services: an employer asks, matching counts, and only ranges are ever on the log."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import DRAFT, REACH
from tests.introductions.town import CREDENTIAL, ZIP, Town, new_town

SAFETY = "osha:10-general-industry"
NONE, SEVEN = {"at_least": 0, "fewer_than": 1}, {"at_least": 5, "fewer_than": 10}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    made = await new_town(lambda name: f"sqlite+aiosqlite:///{tmp_path / name}.sqlite")
    yield made
    for service in made.services:
        await service.http.aclose()
        await service.context.store.close()


async def seven(town: Town, **changed: Any) -> list[str]:
    """As many learners who hold one credential alone."""
    made = [await town.register(**changed) for _ in range(7)]
    await town.settle()
    return made


def asks_for(*credentials: str, **changed: Any) -> dict[str, Any]:
    groups = [{"id": each.partition(":")[0], "necessity": "required", "any_of": [{"credential": each}]} for each in credentials]
    return {"title": "CNC machinist", "zip": ZIP, "positions": 2, "groups": groups} | changed


async def preview(town: Town, body: dict[str, Any]) -> dict[str, Any]:
    """What the employer reads once everything has reached whom it concerns."""
    asked = await town.employer.send("POST", "/v1/openings/preview?wait=0", body)
    await town.settle()
    found = await town.employer.get(f"/v1/openings/previews/{asked['preview_id']}")
    assert found["status"] == "answered"
    return dict(found["reach"])


async def test_a_draft_is_answered_with_who_qualifies_and_what_the_others_lack(town: Town) -> None:
    """Nothing but the question comes of it: no opening, no match. Who does not agree to be matched is in no count."""
    await seven(town)
    await seven(town, consents_to_matching=False)
    qualified = await preview(town, asks_for(CREDENTIAL))
    assert (qualified["in_reach"], qualified["pass_gates"], qualified["qualified"]) == (SEVEN, SEVEN, SEVEN)
    lacking = await preview(town, asks_for(CREDENTIAL, SAFETY))
    assert (lacking["qualified"], lacking["near_misses"]) == (NONE, SEVEN)
    assert [(each["id"], each["near_misses"]) for each in lacking["lacking"]] == [("nims", NONE), ("osha", SEVEN)]
    assert lacking["lacking"][1]["any_of"] == [{"credential": SAFETY}]
    assert (await town.employer.get("/v1/openings"))["items"] == []
    assert "MatchProposed" not in town.everything_on_the_log()


async def test_who_is_kept_out_by_pay_alone_is_counted_by_the_gate(town: Town) -> None:
    """The employer may pay more, and see before it does what that would change. The audit agrees, and both questions have one
    key, so that topics and tables do not grow with each."""
    await seven(town, wage_floor=3000)
    cheap = await preview(town, asks_for(CREDENTIAL, wage_max=2600))
    assert (cheap["in_reach"], cheap["pass_gates"], cheap["qualified"]) == (SEVEN, NONE, NONE)
    assert {each["gate"]: each["learners"] for each in cheap["held_back"]} == {
        "unavailable": NONE,
        "shift_conflict": NONE,
        "pay_conflict": SEVEN,
    }
    assert (await preview(town, asks_for(CREDENTIAL, wage_max=3100)))["qualified"] == SEVEN
    for topic in (DRAFT, REACH):
        assert len({record.key for record in town.broker.records(topic.name)}) == 1
    for service in town.services:
        assert await service.published.disagreements_with_all() == []


async def test_a_live_opening_has_counts_until_it_is_closed(town: Town) -> None:
    await seven(town)
    opening_id = await town.publish()
    await town.settle()
    path = f"/v1/openings/{opening_id}"
    shown = await town.employer.get(f"{path}/reach")
    assert (shown["counted_version"], shown["reach"]["qualified"]) == (1, SEVEN)
    assert (await town.employer.get(path))["near_misses"] == NONE
    await town.employer.act(path, "closing")
    await town.settle()
    assert (await town.employer.get(f"{path}/reach"))["reach"] is None
