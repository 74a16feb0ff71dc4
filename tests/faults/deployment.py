"""A whole deployment of real processes on this machine: a broker, the three services, two of them matching."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from demo.running.supervisor import Patience, Program, ProgramFailed, Supervisor
from makersync.broker.embedded import embedded_command, wait_until_answers
from makersync.effects.conditions import conditions
from makersync.effects.log_identity import NOTICED_S
from makersync.store.database import Store
from tests.servers.finding import free_port
from tests.servers.waiting import wait_for

SERVICES = ("openings", "learners", "matching")
PARTITIONS = 8
SESSION_TIMEOUT_S = 6.0
#: A fault test kills on purpose, far more often than a supervisor would put up with.
PATIENCE = Patience(restarts=10_000)
START_S = 60.0


@dataclass(slots=True)
class Deployment:
    """Use as an async context. Without `databases` (service to URL): SQLite; without `broker_address`: the embedded broker."""

    folder: Path
    say: Callable[[str], None]
    broker_address: str = ""
    databases: Mapping[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    broker_port: int = 0
    matching_processes: int = 2
    supervisor: Supervisor = field(init=False)

    @property
    def is_embedded(self) -> bool:
        return self.broker_address == ""

    @property
    def address(self) -> str:
        return self.broker_address or f"127.0.0.1:{self.broker_port}"

    @property
    def processes(self) -> tuple[str, ...]:
        return ("openings", "learners", *(f"matching-{n}" for n in range(1, self.matching_processes + 1)))

    def processes_of(self, service: str) -> list[str]:
        return [name for name in self.processes if name.partition("-")[0] == service]

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = {name: free_port() for name in self.processes}
        self.supervisor = Supervisor(self.say, PATIENCE)
        await self.supervisor.__aenter__()
        if self.is_embedded:
            self.broker_port = free_port()
            command = tuple(embedded_command(self.broker_port))
            await self.supervisor.start(self._program("broker", command, {}), self._recover_broker)
        await self._make_topics()
        for service in SERVICES:
            await self._once(f"{service}-migrate", service, "migrate")
            await self.bootstrap(service)
        await self.start(*SERVICES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.supervisor.stop(*self.processes)
        await self.supervisor.__aexit__(kind, error, trace)

    async def bootstrap(self, service: str) -> None:
        """Make its first operator key, `operator_key`."""
        await self._once(f"{service}-bootstrap", service, "bootstrap", "--token-file", str(self.folder / f"{service}.key"))

    async def has_condition(self, service: str, name: str) -> bool:
        """Whether the service has declared that something is wrong with it."""
        store = Store(self.database_url(service))
        try:
            async with store.reading() as session:
                return name in {each.name for each in await conditions(session)}
        finally:
            await store.close()

    def operator_key(self, service: str) -> str:
        return (self.folder / f"{service}.key").read_text().strip()

    def url(self, process: str) -> str:
        return f"http://127.0.0.1:{self.ports[process]}"

    def database_url(self, service: str) -> str:
        return self.databases.get(service) or f"sqlite+aiosqlite:///{self.folder / service}.sqlite"

    def set_day(self, day: date) -> None:
        """The market's date, for every process at once."""
        draft = self.folder / "day.draft"
        draft.write_text(day.isoformat())
        draft.replace(self.folder / "day")

    async def stop(self, service: str) -> None:
        """All its processes."""
        await self.supervisor.stop(*self.processes_of(service))

    async def start(self, *services: str) -> None:
        """All their processes, until they are ready."""
        for name in await self.launch(*services):
            await wait_for(partial(self._is_ready, name), START_S)

    async def launch(self, *services: str) -> list[str]:
        """All their processes, whether they become ready or not."""
        names = [name for service in services for name in self.processes_of(service)]
        for name in names:
            await self.supervisor.start(self._service(name))
        return names

    async def is_ready(self, service: str) -> bool:
        return all([await self._is_ready(name) for name in self.processes_of(service)])

    async def command(self, service: str, *arguments: str, **settings: str) -> tuple[int, str]:
        """One call of `makersync` with the settings of a service; its status and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *_makersync(),
            *arguments,
            env={**os.environ, **self._environment(service), **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()

    async def _recover_broker(self) -> None:
        await asyncio.sleep(NOTICED_S)
        await self._make_topics()

    async def _make_topics(self) -> None:
        await wait_until_answers(self.address, START_S)
        for tries_left in (2, 1, 0):
            try:
                await self._once("topics", "topics", "create")
                break
            except ProgramFailed:
                # A busy machine's broker makes topics slowly; those that are there are left as they are.
                if not tries_left:
                    raise

    async def _once(self, name: str, *arguments: str) -> None:
        service = arguments[0] if arguments[0] in SERVICES else ""
        await self.supervisor.run(self._program(name, (*_makersync(), *arguments), self._environment(service)), START_S)

    def _service(self, name: str) -> Program:
        service, _, instance = name.partition("-")
        environment = self._environment(service) | {
            "MAKERSYNC_INSTANCE": instance or "1",
            "MAKERSYNC_HTTP_PORT": str(self.ports[name]),
        }
        return self._program(name, (*_makersync(), service, "serve"), environment)

    def _program(self, name: str, command: tuple[str, ...], environment: Mapping[str, str]) -> Program:
        return Program(name, command, {**os.environ, **environment}, self.folder / f"{name}.log")

    def _environment(self, service: str) -> dict[str, str]:
        return {
            "MAKERSYNC_PROFILE": "embedded" if self.is_embedded else "cluster",
            "MAKERSYNC_STATE_FOLDER": str(self.folder),
            "MAKERSYNC_DATABASE_URL": self.databases.get(service, ""),
            "MAKERSYNC_BROKER_ADDRESS": self.address,
            "MAKERSYNC_PARTITIONS": str(PARTITIONS),
            "MAKERSYNC_SESSION_TIMEOUT": str(SESSION_TIMEOUT_S),
            "MAKERSYNC_KEY_PEPPER": "a pepper for rehearsals, 32 bytes or more",
            "MAKERSYNC_DAY_FILE": str(self.folder / "day"),
            # Days pass here whatever the databases' clocks say.
            "MAKERSYNC_DAY_AHEAD_MAX": "36500",
            "MAKERSYNC_WEBHOOK_NETWORKS": '["127.0.0.1/32"]',
        }

    async def _is_ready(self, name: str) -> bool:
        async with httpx.AsyncClient(timeout=5) as client:
            try:
                return (await client.get(f"{self.url(name)}/readyz")).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False


def _makersync() -> tuple[str, ...]:
    return (sys.executable, "-m", "makersync.cli.main")
