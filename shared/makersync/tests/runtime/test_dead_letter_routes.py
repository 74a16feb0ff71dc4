"""Dead letters and halted partitions over HTTP: what an operator sees and decides without a shell."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.memory import MemoryBroker
from makersync.clock import ManualClock
from makersync.effects.relay import unpublished
from makersync.http.application import create_app
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.http.wiring import Wiring
from makersync.runtime import operations
from makersync.runtime.dead_letter_routes import dead_letter_router
from makersync.runtime.drafts import DraftCount, RegionDrafts
from makersync.runtime.operations import operations_router
from makersync.settings import Settings
from makersync.store.tables import AuditRow, DeadLetterRow, HaltRow
from makersync.telemetry import create_metrics
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import World, drain, write_identity
from shared.makersync.tests.effects.toys import LEFT, LEFT_HALF, NOW, PARTITIONS, outgoing
from shared.makersync.tests.effects.unreadable import BOB, poison, statuses

PEPPER = b"p" * 32


class Process:
    """The part of a service's process that the routes use."""

    drafts: DraftCount | None = None

    def __init__(self, world: World, settings: Settings) -> None:
        self.context, self.broker, self.loops, self.publisher, self.definition = self, world.broker, [], None, self
        self.consumers = lambda _context: [world.consumer()]
        self.store, self.clock, self.settings, self.mail = world.store, world.clock, settings, None

    def readiness(self) -> dict[str, Any]:
        return {}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    clock = ManualClock(NOW)
    world = World(await open_store(database_url), MemoryBroker(clock), clock)
    await write_identity(world.broker, world.log_id)
    yield world
    await world.store.close()


@pytest.fixture
async def door(world: World, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(state_folder=tmp_path)
    process: Any = Process(world, settings)
    wiring = Wiring(settings, world.store, world.clock, create_metrics(), PEPPER)
    app = create_app(
        "toys", "1", wiring, [operations_router(process, process.readiness), dead_letter_router(world.store, world.clock)], {}
    )
    async with world.store.transaction() as session:
        _, token = issue_key(session, PEPPER, world.clock, KeyGrant(None, "olga", [OPERATOR]))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toys", headers=headers) as client:
        yield client


async def test_dead_letters_are_listed_filtered_and_paged_without_their_records(world: World, door: httpx.AsyncClient) -> None:
    world.write(*[poison(version=version) for version in range(1, 4)], poison("unknown_type", BOB))
    await drain(world.loop())
    first = (await door.get("/v1/dead-letters", params={"limit": 3})).json()
    rest = (await door.get("/v1/dead-letters", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [each["offset"] for each in first["items"] + rest["items"]] == [0, 1, 2, 3]
    assert "record" not in first["items"][0]
    for question, count in (
        ({"reason": "unknown_type"}, 1),
        ({"subject": "ann"}, 3),
        ({"subject": BOB}, 1),
        ({"topic": LEFT.name, "partition": 0}, 4),
        ({"consumer": "others"}, 0),
        ({"status": "dismissed"}, 0),
    ):
        assert len((await door.get("/v1/dead-letters", params=question)).json()["items"]) == count, question


async def test_one_dead_letter_is_shown_with_its_record_and_is_not_cached(world: World, door: httpx.AsyncClient) -> None:
    world.write(poison("unknown_type"))
    await drain(world.loop())
    shown = await door.get("/v1/dead-letters/1")
    assert shown.headers["Cache-Control"] == "no-store"
    assert '"type":"halves.HalfDoubled"' in shown.json()["record"]
    absent = await door.get("/v1/dead-letters/9")
    assert (absent.status_code, absent.json()["rule"]) == (404, "no_such_thing")


async def test_decisions_are_counted_stored_and_audited(world: World, door: httpx.AsyncClient) -> None:
    world.write(poison(), poison("unknown_type", BOB))
    loop = world.loop()
    await drain(loop)
    dismissed = await door.post("/v1/dead-letters/dismiss", json={"reason": "not_json", "because": "a test"})
    replayed = await door.post("/v1/dead-letters/replay", json={"all": True, "because": "fixed", "rate": 5})
    assert (dismissed.json(), replayed.json()) == ({"count": 1, "requested": 0}, {"count": 1, "requested": 0})
    await drain(loop)
    [second] = (await door.get("/v1/dead-letters")).json()["items"]
    assert (second["attempts"], second["note"]) == (1, "fixed")
    assert await statuses(world) == ["dismissed", "open"]
    async with world.store.reading() as session:
        lines = (await session.exec(select(AuditRow).order_by(AuditRow.id))).all()  # type: ignore[arg-type]
    assert [(line.action, line.detail["because"]) for line in lines] == [
        ("dead_letter.dismissed", "a test"),
        ("dead_letter.requested", "fixed"),
    ]


async def test_a_dismissal_cancels_a_replay_that_no_process_can_do(world: World, door: httpx.AsyncClient) -> None:
    world.write(poison(), poison("unknown_type", BOB))
    await drain(world.loop())
    await door.post("/v1/dead-letters/replay", json={"reason": "not_json", "because": "in haste"})
    dismissed = await door.post("/v1/dead-letters/dismiss", json={"all": True, "because": "nobody reads it again"})
    assert dismissed.json() == {"count": 2, "requested": 1}
    assert await statuses(world) == ["dismissed", "dismissed"]


@pytest.mark.parametrize("body", [{}, {"all": True, "reason": "x"}, {"all": 1}, {"ids": ["1"]}, {"ids": [2**63]}])
async def test_a_decision_must_select_its_dead_letters(door: httpx.AsyncClient, body: dict[str, Any]) -> None:
    """Guards: an empty body that dismisses everything."""
    assert (await door.post("/v1/dead-letters/dismiss", json={"because": "why", **body})).status_code == 422


async def test_halted_partitions_are_shown_and_resumed(world: World, door: httpx.AsyncClient) -> None:
    loop = world.loop(dead_letter_limit=1)
    world.write(poison(), poison(version=2), outgoing(LEFT_HALF, BOB, 1))
    await drain(loop)
    [halted] = (await door.get("/v1/operations")).json()["halted"]
    assert (halted["name"], halted["partition"], halted["topic"]) == ("pairs", 0, LEFT.name)
    assert (await door.post("/v1/partitions/resume", json={"consumer": "others", "because": "x"})).json() == {"resumed": []}
    resumed = (await door.post("/v1/partitions/resume", json={"partition": 0, "because": "the writer is fixed"})).json()
    assert [each["topic"] for each in resumed["resumed"]] == [LEFT.name]
    await drain(loop)
    assert (await door.get("/v1/operations")).json()["halted"] == []
    assert await world.ledger() == [(LEFT_HALF, BOB, 1)]


async def test_halted_partitions_are_shown_while_the_broker_is_away(world: World, door: httpx.AsyncClient) -> None:
    """Guards: an outage must not hide earlier halts."""
    world.write(poison(), poison(version=2))
    await drain(world.loop(dead_letter_limit=1))
    world.broker.stop_answering()
    told = (await door.get("/v1/operations")).json()
    assert [each["topic"] for each in told["halted"]] == [LEFT.name]
    assert told["consumers"] == [{"name": "pairs", "partition": each, "lag": None} for each in range(PARTITIONS)]


async def test_operations_are_read_from_one_snapshot(
    world: World, door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: a halt without an open dead letter, if an operator decided between two statements."""
    world.write(poison(), poison(version=2))
    await drain(world.loop(dead_letter_limit=1))

    async def decided_meanwhile(session: AsyncSession) -> int:
        waiting = await unpublished(session)
        async with world.store.transaction() as other:
            await other.exec(delete(HaltRow))
            await other.exec(delete(DeadLetterRow))
        return waiting

    monkeypatch.setattr(operations, "unpublished", decided_meanwhile)
    told = [(await door.get("/v1/operations")).json() for _ in range(2)]
    assert [(each["dead_letters_open"], len(each["halted"])) for each in told] == [(1, 1), (0, 0)]


async def test_drafts_that_wait_are_shown_by_region(door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: an operator who is told that previews go unanswered must see where. Services without drafts say nothing."""

    async def count(_session: AsyncSession) -> list[RegionDrafts]:
        return [RegionDrafts("17410", 2, NOW)]

    assert (await door.get("/v1/operations")).json()["drafts"] is None
    monkeypatch.setattr(Process, "drafts", staticmethod(count))
    [shown] = (await door.get("/v1/operations")).json()["drafts"]
    assert shown == {"region": "17410", "waiting": 2, "since": NOW.isoformat().replace("+00:00", "Z")}


async def test_the_routes_are_for_operators_only(door: httpx.AsyncClient) -> None:
    for ask in (
        door.get("/v1/dead-letters", headers={"Authorization": ""}),
        door.get("/v1/dead-letters/1", headers={"Authorization": ""}),
        door.post("/v1/dead-letters/replay", json={}, headers={"Authorization": ""}),
        door.post("/v1/dead-letters/dismiss", json={}, headers={"Authorization": ""}),
        door.post("/v1/partitions/resume", json={}, headers={"Authorization": ""}),
    ):
        assert (await ask).status_code == 401
