"""A PostgreSQL for tests: one that MAKERSYNC_TEST_POSTGRES names, else in Docker, else from Debian's binaries."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests.servers.finding import Host, Unavailable, first_that_works, free_port, run_apart
from tests.servers.processes import ServerProcess

URL = "MAKERSYNC_TEST_POSTGRES"
IMAGE = "postgres:17-trixie"
START_S = 60.0
CONNECT_S = 2.0
SUPERUSER = "postgres"
#: A test's data need not survive a power cut; every service brings pools of its own; and of a thousand databases of tests one
#: after the other would be vacuumed all the time.
OPTIONS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "autovacuum=off", "-c", "max_connections=300")


class PostgresServer:
    """A server, and the databases that tests made in it. `url` is the administrator's."""

    def __init__(self, url: str, host: Host | None) -> None:
        self.url = url
        self._host = host
        self._made: list[str] = []
        self._roles: list[str] = []
        self._filled: dict[Callable[[str], None], str] = {}

    def new_database(self, name: str) -> str:
        """A fresh database and a role that owns it; returns the role's SQLAlchemy URL, for asyncpg."""
        unique = f"{name}_{secrets.token_hex(4)}"
        password = secrets.token_hex(8)
        self.execute(
            f"CREATE ROLE \"{unique}\" LOGIN PASSWORD '{password}'",
            f'CREATE DATABASE "{unique}" OWNER "{unique}"',
        )
        self._made.append(unique)
        self._roles.append(unique)
        place = urlsplit(self.url)
        return f"postgresql+asyncpg://{unique}:{password}@{place.hostname}:{place.port or 5432}/{unique}"

    def filled_database(self, name: str, fill: Callable[[str], None]) -> str:
        """A fresh database with what `fill` makes in the one whose URL it is given, and leaves without connections. It is
        called once: the others are copies, and have one role, which is much cheaper than to make so many tables again."""
        if fill not in self._filled:
            url = self.new_database(name)
            fill(url)
            self._filled[fill] = url
        place, _, model = self._filled[fill].rpartition("/")
        unique = f"{name}_{secrets.token_hex(4)}"
        self.execute(f'CREATE DATABASE "{unique}" OWNER "{model}" TEMPLATE "{model}"')
        self._made.append(unique)
        return f"{place}/{unique}"

    def execute(self, *statements: str) -> None:
        """As the administrator, each on its own."""
        run_apart(partial(_execute, self.url, statements))

    def close(self) -> None:
        """Remove our own server, or from somebody else's what we made."""
        if self._host:
            self._host.remove()
        else:
            self.execute(*(f'DROP DATABASE "{each}" WITH (FORCE)' for each in self._made))
            self.execute(*(f'DROP ROLE "{each}"' for each in self._roles))


def find_postgres() -> PostgresServer:
    return first_that_works("PostgreSQL", (_named, in_docker, from_binaries))


def _named() -> PostgresServer:
    url = os.environ.get(URL)
    if not url:
        raise Unavailable(f"{URL}=postgresql://user:password@host:port/database of one who may create databases and roles")
    return PostgresServer(url, None)


def in_docker() -> PostgresServer:
    from tests.servers.containers import Container

    port, password = free_port(), secrets.token_hex(8)
    container = Container(IMAGE, port, 5432, {"POSTGRES_PASSWORD": password}, ("postgres", *OPTIONS))
    return _started(f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres", container)


def from_binaries() -> PostgresServer:
    binaries = _binaries()
    folder, port, user = Path(tempfile.mkdtemp(prefix="makersync-postgres-")), free_port(), _server_user()
    if user:
        shutil.chown(folder, user)
    cluster = str(folder / "cluster")
    initdb = [str(binaries / "initdb"), "-D", cluster, "-U", SUPERUSER, "--auth=trust", "--no-sync", "--encoding=UTF8"]
    done = subprocess.run(initdb, capture_output=True, text=True, check=False, user=user, cwd=folder)
    if done.returncode:
        raise Unavailable(f"an initdb that works ({done.stderr.strip()[-300:]})")
    listen = ("-h", "127.0.0.1", "-p", str(port), "-k", str(folder))
    process = ServerProcess([str(binaries / "postgres"), "-D", cluster, *listen, *OPTIONS], folder, user)
    return _started(f"postgresql://{SUPERUSER}@127.0.0.1:{port}/postgres", process)


def _started(url: str, host: Host) -> PostgresServer:
    host.start(partial(_answers, url), START_S)
    return PostgresServer(url, host)


def _binaries() -> Path:
    """The newest that Debian installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise Unavailable("Debian's package `postgresql`")
    return max(found, key=lambda path: float(path.parent.name))


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError as error:
        raise Unavailable("a user `postgres`, since PostgreSQL refuses to run as root") from error


def _answers(url: str) -> bool:
    try:
        run_apart(partial(_execute, url, ["SELECT 1"]))
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True


async def _execute(url: str, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(url, timeout=CONNECT_S)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
