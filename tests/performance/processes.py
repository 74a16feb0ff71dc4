"""The product's services as processes of their own, on a stage."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from demo.running.supervisor import Patience, Program, Supervisor
from makersync.clock import WallClock
from makersync.http.keys import OPERATOR, KeyGrant, issue_key
from makersync.store.database import Store
from makersync.store.migrations import migrate
from tests.performance.stages import PARTITIONS, Stage
from tests.performance.waiting import until
from tests.servers.finding import free_port

ROOT = Path(__file__).parents[2]
START_S = 120.0
#: A process that ends while it is measured has failed.
PATIENCE = Patience(restarts=0)
PEPPER = "a pepper for measuring, 32 bytes or more"
COMMAND = (sys.executable, "-m", "makersync.cli.main")


@dataclass(slots=True)
class Processes:
    """Use as an async context: at its end every process has ended. `folder` holds their logs."""

    stage: Stage
    folder: Path
    databases: dict[str, str] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)
    _supervisor: Supervisor = field(init=False)

    async def __aenter__(self) -> Self:
        self.folder.mkdir()
        self._supervisor = await Supervisor(lambda _sentence: None, PATIENCE).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._supervisor.stop(*self._ports)
        await self._supervisor.__aexit__(kind, error, trace)

    async def prepare(self, service: str) -> str:
        """A database with its tables and an operator's key, which is returned."""
        self.databases[service] = self.stage.new_database(service)
        store = Store(self.databases[service])
        try:
            await migrate(store, service)
            async with store.transaction() as session:
                _, token = issue_key(session, PEPPER.encode(), WallClock(), KeyGrant(None, "bench", [OPERATOR]))
        finally:
            await store.close()
        return token

    async def start(self, name: str, command: tuple[str, ...] = (), **settings: str) -> None:
        """And wait until it is ready. `name` is a service's, or one with a number behind: ``matching-2`` is another process on
        the same database. `settings` are more of `MAKERSYNC_*`."""
        service, _, number = name.partition("-")
        self._ports[name] = free_port()
        more = {f"MAKERSYNC_{setting.upper()}": value for setting, value in settings.items()}
        own = {"MAKERSYNC_HTTP_PORT": str(self._ports[name]), "MAKERSYNC_INSTANCE": number or "1"}
        environment = self._environment(service) | own | more
        await self._supervisor.start(self._program(name, command or (*COMMAND, service, "serve"), environment))
        await until(f"{name} is ready", partial(self._is_ready, name), step_s=0.1, patience_s=START_S)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    async def stop(self, name: str) -> None:
        """In order; it can be started again, on the same database."""
        await self._supervisor.stop(name)

    def pid(self, name: str) -> int:
        return self._supervisor.pid(name)

    def pause(self, name: str) -> None:
        self._supervisor.pause(name)

    def resume(self, name: str) -> None:
        self._supervisor.resume(name)

    async def _is_ready(self, name: str) -> bool:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            try:
                return (await client.get(f"{self.url(name)}/readyz")).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False

    def _environment(self, service: str) -> dict[str, str]:
        """What the caller has set for other deployments is left out."""
        ours = {
            "MAKERSYNC_PROFILE": self.stage.profile,
            "MAKERSYNC_STATE_FOLDER": str(self.folder),
            "MAKERSYNC_DATABASE_URL": self.databases[service],
            "MAKERSYNC_BROKER_ADDRESS": self.stage.log.address,
            "MAKERSYNC_PARTITIONS": str(PARTITIONS),
            "MAKERSYNC_KEY_PEPPER": PEPPER,
            "PYTHONPATH": str(ROOT),
        }
        return {name: value for name, value in os.environ.items() if not name.startswith("MAKERSYNC_")} | ours

    def _program(self, name: str, command: tuple[str, ...], environment: Mapping[str, str]) -> Program:
        return Program(name, command, environment, self.folder / f"{name}.log")
