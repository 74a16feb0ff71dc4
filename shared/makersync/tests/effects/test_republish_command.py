"""`makersync republish`, run as a whole command line."""

import asyncio
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from makersync.broker.memory import MemoryBroker
from makersync.cli.main import build
from makersync.clock import ManualClock

from .toy_stores import open_store
from .toy_world import World, work_off, write_identity
from .toys import LEFT_HALF, NOW, REGIONS, outgoing

ANN, BOB = f"{REGIONS[0]}/ann", f"{REGIONS[0]}/bob"


def republish(*arguments: str) -> Result:
    line = ["republish", *arguments]
    return CliRunner().invoke(build(line), line)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of the service `toys`, which has published two pairs."""

    async def work() -> None:
        clock = ManualClock(NOW)
        world = World(await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toys.sqlite'}"), MemoryBroker(clock), clock)
        await write_identity(world.broker, world.log_id)
        world.write(outgoing(LEFT_HALF, ANN, 1), outgoing(LEFT_HALF, BOB, 1))
        await work_off(world)
        await (await world.relay()).publish_batch(10)
        await world.store.close()

    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    asyncio.run(work())
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_everything_is_published_again() -> None:
    assert "2 events will be published again" in republish("toys").output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", [("toys", "--subject", "ann"), ("--subject", "ann", "toys")])
def test_one_subject_is_published_again_wherever_the_option_is_given(arguments: tuple[str, ...]) -> None:
    assert "1 event will be published again" in republish(*arguments).output


@pytest.mark.usefixtures("folder")
def test_a_subject_without_published_events_is_named() -> None:
    answer = republish("toys", "--subject", "eve")
    assert answer.exit_code == 2
    assert "toys has published nothing of eve." in answer.stderr


@pytest.mark.usefixtures("folder")
def test_a_service_without_refused_events_says_so() -> None:
    assert "toys has no refused event of ann." in republish("toys", "--refused", "--subject", "ann").stderr


def test_a_service_without_a_database_is_named_and_no_database_is_created(folder: Path) -> None:
    answer = republish("tois")
    assert answer.exit_code == 2
    assert "There is no service 'tois' here" in answer.stderr
    assert [file.name for file in folder.glob("*.sqlite")] == ["toys.sqlite"]
