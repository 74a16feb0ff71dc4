"""The broker and the three services as separate processes on this machine: how they start, recover and stop."""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from contracts.topics import TOPICS
from demo.running.ports import HOST, Port, demand_free
from demo.running.supervisor import Program, ProgramFailed, Supervisor
from makersync.broker.embedded import embedded_command, wait_until_answers
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import BrokerAway
from makersync.effects.log_identity import NOTICED_S
from makersync.errors import OperatorError
from makersync.settings import Settings

SERVICES = ("openings", "learners", "matching")
BROKER = "broker"
STEP_S = 120.0
BROKER_START_S = 30.0
READY_S = 120.0
_POLL_S = 0.1
_WAYS_ON = (
    "Two ways on: give the demo a Kafka broker (makersync demo --broker HOST:PORT), or start the cluster profile with "
    "`docker compose up`."
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is. `foreign_broker` is the host:port of a given Kafka; None: the embedded broker."""

    folder: Path
    http_ports: Mapping[str, int]
    broker_port: int
    foreign_broker: str | None = None
    entrance: str = field(default_factory=lambda: secrets.token_urlsafe(8), repr=False)
    """What the links carry that sign a visitor in."""

    @property
    def broker_address(self) -> str:
        return self.foreign_broker or f"{HOST}:{self.broker_port}"

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.http_ports[service]}"

    def pages(self, service: str, organisation_id: str) -> str:
        """The address that signs a visitor in for an organisation."""
        return f"{self.url(service)}/demo/{self.entrance}/{organisation_id}"

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def operator_key_file(self, service: str) -> Path:
        return self.folder / "keys" / f"{service}-operator"

    def ports(self) -> dict[str, Port]:
        """Every port that must be free."""
        wanted = {name: Port(number, f"the {name} service", f"--{name}-port") for name, number in self.http_ports.items()}
        if self.foreign_broker is None:
            wanted[BROKER] = Port(self.broker_port, "the embedded broker", "--broker-port")
        return wanted

    def environment(self, service: str | None = None) -> dict[str, str]:
        """What a command or service needs; what the caller has set for other deployments is left out."""
        ours = {
            "MAKERSYNC_PROFILE": "embedded",
            "MAKERSYNC_STATE_FOLDER": str(self.folder.resolve()),
            "MAKERSYNC_BROKER_ADDRESS": self.broker_address,
            # A receiver to try webhooks with runs on the same machine.
            "MAKERSYNC_WEBHOOK_NETWORKS": '["127.0.0.0/8", "::1/128"]',
            "MAKERSYNC_DEMO_ENTRANCE": self.entrance,
            **{f"MAKERSYNC_{service.upper()}_ADDRESS": f"http://127.0.0.1:{self.http_ports[service]}" for service in SERVICES},
        }
        if service is not None:
            ours["MAKERSYNC_HTTP_PORT"] = str(self.http_ports[service])
        return {name: value for name, value in os.environ.items() if not name.startswith("MAKERSYNC_")} | ours


async def demand_unused_log(address: str) -> None:
    """A given Kafka must hold no records of another run: they tell of openings and learners that this one does not know.

    Raises OperatorError, also when nothing answers there.
    """
    broker = KafkaBroker(Settings(broker_address=address, broker_security="PLAINTEXT"))
    try:
        bounds = await broker.bounds([topic.name for topic in TOPICS])
    except BrokerAway as away:
        raise OperatorError(f"No Kafka broker answers at {address}. Check the address: --broker HOST:PORT") from away
    finally:
        await broker.close()
    used = sorted({at.topic for at, (first, end) in bounds.items() if end > first})
    if used:
        raise OperatorError(
            f"The broker at {address} holds records of another run ({', '.join(used)}), and a demo starts clean. "
            "Delete these topics, or give the demo another broker."
        )


class Stack:
    """Starts in the order in which the parts need each other."""

    def __init__(self, layout: Layout, supervisor: Supervisor, past: Path | None = None) -> None:
        """`past` is a file with a simulated past for the matching service, imported before it starts."""
        self._layout = layout
        self._supervisor = supervisor
        self._past = past

    @staticmethod
    async def check(layout: Layout) -> None:
        """Before anything starts. Raises OperatorError: a port in use, no broker for this machine, a given one that is away
        or holds another run."""
        demand_free(layout.ports())
        if layout.foreign_broker is None:
            _embedded_command(layout.broker_port)
        else:
            await demand_unused_log(layout.foreign_broker)

    async def start(self) -> None:
        """Everything up and ready. Raises OperatorError when a step fails."""
        (self._layout.folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_broker())
            for service in SERVICES:
                group.create_task(self._prepare(service))
        for service in SERVICES:
            await self._supervisor.start(self._program(service, "serve", name=service))
        await self._await_readiness()

    async def stop(self) -> None:
        """Services first, so that they can still publish what they have written; then the broker."""
        await self._supervisor.stop(*SERVICES)
        await self._supervisor.stop(BROKER)

    def operator_key(self, service: str) -> str:
        return self._layout.operator_key_file(service).read_text(encoding="ascii").strip()

    async def _start_broker(self) -> None:
        layout = self._layout
        if layout.foreign_broker is None:
            # It reads settings from names as common as LISTENER_URL: it is given none but the choice of its log.
            environment = {"RUST_LOG": os.environ.get("RUST_LOG", "warn")}
            program = Program(BROKER, _embedded_command(layout.broker_port), environment, layout.log(BROKER))
            await self._supervisor.start(program, self._recover_broker)
        await self._make_topics()

    async def _recover_broker(self) -> None:
        """The embedded broker forgets everything when it ends: its topics are made again, once nobody writes to the old."""
        await asyncio.sleep(NOTICED_S)
        await self._make_topics()

    async def _make_topics(self) -> None:
        await wait_until_answers(self._layout.broker_address, BROKER_START_S)
        await self._supervisor.run(self._program("topics", "create"), STEP_S)

    async def _prepare(self, service: str) -> None:
        key_file = str(self._layout.operator_key_file(service))
        await self._supervisor.run(self._program(service, "migrate"), STEP_S)
        await self._supervisor.run(self._program(service, "bootstrap", "--token-file", key_file), STEP_S)
        if service == "matching" and self._past is not None:
            await self._supervisor.run(self._program(service, "history-import", str(self._past)), STEP_S)

    async def _await_readiness(self) -> None:
        deadline = time.monotonic() + READY_S
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            for service in SERVICES:
                while (missing := await _missing(client, self._layout.url(service))) is not None:
                    if time.monotonic() > deadline:
                        log = self._layout.log(service)
                        raise ProgramFailed(f"{service} was not ready after {READY_S:g} s: {missing}. Its log is {log}.")
                    await asyncio.sleep(_POLL_S)

    def _program(self, *words: str, name: str | None = None) -> Program:
        """A `makersync` command of this very Python; its output goes to the log of its first word."""
        group = words[0]
        environment = self._layout.environment(group if group in SERVICES else None)
        command = (sys.executable, "-m", "makersync.cli.main", *words)
        return Program(name or " ".join(words[:2]), command, environment, self._layout.log(group))


async def _missing(client: httpx.AsyncClient, url: str) -> str | None:
    """What a service lacks to be ready; None when it lacks nothing."""
    try:
        answer = await client.get(f"{url}/readyz")
    except httpx.HTTPError:
        return "it does not answer yet"
    return None if answer.status_code == httpx.codes.OK else answer.text


def _embedded_command(port: int) -> tuple[str, ...]:
    try:
        return tuple(embedded_command(port))
    except OperatorError as error:
        raise OperatorError(f"There is no embedded broker for this machine. {_WAYS_ON}") from error
