"""Every kind of broker behind one face, with what tests do to brokers and to members in other processes."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient

from makersync.broker.embedded import EmbeddedBroker
from makersync.broker.kafka import KafkaBroker
from makersync.broker.memory import MemoryBroker
from makersync.broker.memory_clients import MemoryMember
from makersync.broker.port import Assignment, Broker, TopicPartition
from makersync.settings import Settings
from tests.servers.kafka import KafkaServer

ROOT = Path(__file__).parents[2]


class Outsider(Protocol):
    """A group's member in another process, as far as there are processes."""

    async def assignment(self) -> Assignment:
        """The newest that it heard of."""
        ...

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    async def kill(self) -> None: ...


class BrokerKind(Protocol):
    """One broker. `session_s` is the session timeout of members."""

    session_s: float

    async def connect(self) -> Broker: ...
    async def freeze(self) -> None:
        """Answer nothing, with connections open."""
        ...

    async def thaw(self) -> None: ...
    async def kill(self) -> None: ...
    async def restart(self) -> None:
        """Start again after `kill`."""
        ...

    async def lose(self, topic: str) -> None:
        """Forget a topic and what is in it; maybe everything else too."""
        ...

    async def outsider(self, group: str, topics: Sequence[str]) -> Outsider: ...
    async def close(self) -> None: ...


class MemoryKind:
    session_s = 0.0

    def __init__(self) -> None:
        self._broker = MemoryBroker()

    async def connect(self) -> Broker:
        return self._broker

    async def freeze(self) -> None:
        self._broker.stop_answering()

    async def thaw(self) -> None:
        self._broker.start_answering()

    kill, restart = freeze, thaw

    async def lose(self, topic: str) -> None:
        self._broker.replace()

    async def outsider(self, group: str, topics: Sequence[str]) -> Outsider:
        return MemoryOutsider(self._broker, await self._broker.join(group, topics))

    async def close(self) -> None:
        """Nothing is held."""


class MemoryOutsider:
    def __init__(self, broker: MemoryBroker, member: MemoryMember) -> None:
        self._broker = broker
        self._member = member

    async def assignment(self) -> Assignment:
        return self._member.assignment()

    def pause(self) -> None:
        self._broker.expel(self._member)

    def resume(self) -> None:
        self._broker.readmit(self._member)

    async def kill(self) -> None:
        self._broker.expel(self._member)


class _ProtocolKind:
    """What brokers that speak Kafka's protocol have in common."""

    def __init__(self, settings: Settings) -> None:
        self.session_s = settings.session_timeout
        self._settings = settings
        self._brokers: list[KafkaBroker] = []
        self._outsiders: list[ProcessOutsider] = []

    async def connect(self) -> Broker:
        broker = await KafkaBroker.connect(self._settings)
        self._brokers.append(broker)
        return broker

    async def outsider(self, group: str, topics: Sequence[str]) -> Outsider:
        outsider = await ProcessOutsider.start(self._settings, group, topics)
        self._outsiders.append(outsider)
        return outsider

    async def close(self) -> None:
        for outsider in self._outsiders:
            await outsider.kill()
        for broker in self._brokers:
            await broker.close()
        # Sockets are closed by the loop's next rounds, and this was its last.
        await asyncio.sleep(0.05)


class EmbeddedKind(_ProtocolKind):
    def __init__(self, server: EmbeddedBroker) -> None:
        super().__init__(Settings(profile="embedded", broker_address=server.address, session_timeout=2.0))
        self._server = server

    async def freeze(self) -> None:
        os.kill(self._pid(), signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, self._pid(), os.WSTOPPED | os.WNOWAIT)

    async def thaw(self) -> None:
        os.kill(self._pid(), signal.SIGCONT)

    async def kill(self) -> None:
        await self._server.kill()

    async def restart(self) -> None:
        await self._server.start()

    async def lose(self, topic: str) -> None:
        await self.kill()
        await self.restart()

    def _pid(self) -> int:
        assert self._server.pid is not None
        return self._server.pid


class KafkaKind(_ProtocolKind):
    def __init__(self, server: KafkaServer) -> None:
        super().__init__(Settings(profile="cluster", broker_address=server.address, session_timeout=server.session_s))
        self._server = server

    async def freeze(self) -> None:
        await asyncio.to_thread(self._server.pause)

    async def thaw(self) -> None:
        await asyncio.to_thread(self._server.unpause)

    async def kill(self) -> None:
        await asyncio.to_thread(self._server.kill)

    async def restart(self) -> None:
        await asyncio.to_thread(self._server.start)

    async def lose(self, topic: str) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._server.address)
        await admin.start()
        await admin.delete_topics([topic])
        await admin.close()


class ProcessOutsider:
    """A real process, `tests.servers.outsider`, that prints each assignment it hears of."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._assignment = Assignment(0, frozenset())
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, settings: Settings, group: str, topics: Sequence[str]) -> "ProcessOutsider":
        command = [sys.executable, "-m", "tests.servers.outsider", settings.model_dump_json(exclude_unset=True), group, *topics]
        return cls(await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=ROOT))

    async def assignment(self) -> Assignment:
        return self._assignment

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._listening

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            generation, held = json.loads(line)
            self._assignment = Assignment(generation, frozenset(TopicPartition(*each) for each in held))
