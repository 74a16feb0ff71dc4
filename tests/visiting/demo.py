"""A demo that stands still: the same market at each run, with what its people do at the beginning and hardly a move after."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.servers.finding import free_port

#: Moves a second: none within the time that it takes to look at every page.
_RATE = "0.01"
TWO_MARKETS = ("--regions", "2", "--seed", "7")
_LOADED_S = 600.0
#: Its figures, which it prints every few seconds once it is loaded, and so many times until its first stories have ended.
_FIGURES = re.compile(r"^\d+:\d\d:\d\d openings ", re.MULTILINE)
_ENOUGH = 4
_ENTRANCE = re.compile(r"http://127\.0\.0\.1:\d+/demo/\S+")


def free_ports() -> Mapping[str, int]:
    """For the services and the broker of one demo."""
    return {name: free_port() for name in ("openings", "learners", "matching", "broker")}


@asynccontextmanager
async def standing_demo(
    folder: Path, market: Sequence[str] = TWO_MARKETS, ports: Mapping[str, int] | None = None
) -> AsyncIterator[Mapping[str, str]]:
    """The address by service that signs a visitor in. Raises TimeoutError, and RuntimeError when the demo ends by itself."""
    ports = ports or free_ports()
    chosen = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    command = [
        sys.executable,
        "-m",
        "makersync.cli.main",
        "demo",
        *market,
        "--rate",
        _RATE,
        "--state-folder",
        str(folder),
        *chosen,
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        said = await _until_settled(process)
        services = {port: name for name, port in ports.items()}
        yield {services[int(address.split(":")[2].partition("/")[0])]: address for address in _ENTRANCE.findall(said)}
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()


async def _until_settled(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(_LOADED_S):
        while len(_FIGURES.findall(said)) < _ENOUGH:
            line = await process.stdout.readline()
            if not line:
                raise RuntimeError(f"the demo has ended: {said[-2000:]}")
            said += line.decode()
    return said
