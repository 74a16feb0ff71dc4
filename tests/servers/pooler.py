"""PgBouncer before the tests' PostgreSQL, from Debian's package."""

import pwd
import shutil
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.finding import Unavailable, free_port
from tests.servers.processes import ServerProcess

START_S = 20.0
USER = "postgres"


class Pooler:
    """Shares the sessions of one database between its clients, a transaction at a time. `url` is the database's through it."""

    def __init__(self, database_url: str, *settings: str) -> None:
        place = urlsplit(database_url)
        port, folder = free_port(), Path(tempfile.mkdtemp(prefix="makersync-pooler-"))
        login = f"user={place.username} password={place.password}"
        lines = (
            "[databases]",
            f"* = host={place.hostname} port={place.port} {login}",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {port}",
            "unix_socket_dir =",
            "auth_type = any",
            "pool_mode = transaction",
            *settings,
        )
        ini = folder / "pgbouncer.ini"
        ini.write_text("\n".join(lines) + "\n", encoding="utf-8")
        shutil.chown(folder, _user())
        shutil.chown(ini, _user())
        self._process = ServerProcess([_binary(), str(ini)], folder, _user())
        self._process.start(lambda: _answers(port), START_S)
        self.url = database_url.replace(f"{place.hostname}:{place.port}", f"127.0.0.1:{port}")

    def close(self) -> None:
        self._process.remove()


def _binary() -> str:
    found = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        raise Unavailable("Debian's package `pgbouncer`")
    return found


def _user() -> str:
    """It refuses to run as root."""
    try:
        return pwd.getpwnam(USER).pw_name
    except KeyError as error:
        raise Unavailable(f"a user `{USER}`") from error


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
