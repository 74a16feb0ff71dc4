"""Every command, where its database is not there, not migrated, or does not let it in: one line that says what to do."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from makersync.cli.main import build
from makersync.cli.messages import OPERATOR_MUST_ACT, TRY_LATER
from tests.house.test_commands import EVERY
from tests.servers.finding import first_that_works, free_port
from tests.servers.pooler import Pooler

Path_ = tuple[str, ...]
#: What needs no database, and has tests of its own.
APART = {("demo",), ("schemas",), ("market", "evaluate"), ("market", "explain"), ("market", "verify")}


def _is_tried(path: Path_, command: click.Command) -> bool:
    has_children = bool(getattr(command, "commands", None))
    return bool(path) and not APART & {path[:1], path[:2]} and not has_children


COMMANDS = [(path, command) for path, command in EVERY if _is_tried(path, command)]
#: Those that make the database, and its tables.
MIGRATE = "migrate"


def with_each(commands: Sequence[tuple[Path_, click.Command]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("path", "command"), commands, ids=[" ".join(path) for path, _ in commands])


every_command = with_each(COMMANDS)
every_user_of_tables = with_each([(path, command) for path, command in COMMANDS if path[-1] != MIGRATE])


@pytest.fixture(autouse=True)
def nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAKERSYNC_BROKER_ADDRESS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("MAKERSYNC_HTTP_PORT", str(free_port()))
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "300")
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    # `serve` sends them to the standard output that it had.
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def call(path: Path_, command: click.Command, folder: Path) -> Result:
    """The command with something for everything that it demands."""
    line = [*path, *_arguments(path, command, folder)]
    return CliRunner().invoke(build(line), line)


def _arguments(path: Path_, command: click.Command, folder: Path) -> Iterator[str]:
    for parameter in command.params:
        if parameter.required or parameter.param_type_name == "argument":
            if parameter.param_type_name == "option":
                yield parameter.opts[0]
            yield _something(path, parameter, folder)


def _something(path: Path_, parameter: click.Parameter, folder: Path) -> str:
    if parameter.name == "service":
        return "matching"
    if parameter.name == "day":
        return "2026-11-29"
    if parameter.name == "file":
        file = folder.parent / f"given-to-{path[0]}.json"
        file.write_text(json.dumps({"policy": {}} if path[0] == "policy" else {}))
        return str(file)
    return "1"


def says_in_one_line(result: Result) -> None:
    assert result.exit_code in (OPERATOR_MUST_ACT, TRY_LATER), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    said = [line for line in result.output.splitlines() if line and not line.startswith("{")]
    assert len(said) <= 2, result.output
    assert "Traceback" not in result.output and "Error:" not in result.output


@pytest.mark.parametrize("folder_exists", [True, False])
@every_user_of_tables
def test_without_a_database_nothing_is_made(path: Path_, command: click.Command, folder_exists: bool, tmp_path: Path) -> None:
    """Guards: SQLite makes an empty file of any name, and a folder that is named wrongly would look like an empty service."""
    if folder_exists:
        (tmp_path / "state").mkdir()
    says_in_one_line(call(path, command, tmp_path))
    assert list(tmp_path.glob("**/*")) == [tmp_path / "state"] * folder_exists


@every_user_of_tables
def test_a_database_without_tables(
    path: Path_, command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    for service in ("openings", "learners", "matching"):
        (tmp_path / f"{service}.sqlite").touch()
    says_in_one_line(call(path, command, tmp_path))


@every_command
def test_a_file_that_is_no_database(
    path: Path_, command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "text"
    text.write_text("This is no database. " * 100)
    monkeypatch.setenv("MAKERSYNC_DATABASE_URL", f"sqlite+aiosqlite:///{text}")
    says_in_one_line(call(path, command, tmp_path))


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("MAKERSYNC_PARTITIONS", "many", "MAKERSYNC_PARTITIONS: Input should be a valid integer"),
        ("MAKERSYNC_TIME_ZONE", "Mars/Olympus", "MAKERSYNC_TIME_ZONE: must be the IANA name of a time zone"),
        ("MAKERSYNC_ROLES", "http", 'Lists are JSON, such as ["http"]'),
        (
            "MAKERSYNC_DATABASE_URL",
            "postgresql://db/openings",
            "is not the address of a database such as postgresql+asyncpg://",
        ),
        ("MAKERSYNC_DATABASE_URL", "nonsense", "is not the address of a database such as postgresql+asyncpg://"),
    ],
)
@pytest.mark.parametrize(
    "line", ["openings serve", "openings migrate", "openings healthcheck", "dead-letters list --service openings"]
)
def test_a_setting_that_cannot_be_read(line: str, setting: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "healthcheck" in line and setting == "MAKERSYNC_DATABASE_URL":
        return  # It needs none.
    monkeypatch.setenv(setting, value)
    result = CliRunner().invoke(build(line.split()), line.split())
    says_in_one_line(result)
    assert says in result.output


@pytest.mark.parametrize("line", ["dead-letters list --service opening", "republish opening"])
@pytest.mark.parametrize("url", ["", "postgresql+asyncpg://db/openings"])
def test_a_service_that_is_not_installed(line: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a name with a typing error, beside the address of another service's database."""
    monkeypatch.setenv("MAKERSYNC_DATABASE_URL", url)
    result = CliRunner().invoke(build(line.split()), line.split())
    says_in_one_line(result)
    assert "There is no service 'opening' here. Name one that is installed: learners, matching, openings." in result.output


def test_a_region_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: an export of nothing, that looks like the export of a quiet market."""
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    for line in ("matching migrate", "market export --region 99999"):
        result = CliRunner().invoke(build(line.split()), line.split())
    says_in_one_line(result)
    assert "99999 is no region" in result.output
    assert not list(tmp_path.glob("*.json"))


def test_a_database_that_a_newer_version_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    CliRunner().invoke(build(["openings"]), ["openings", "migrate"])
    with sqlite3.connect(tmp_path / "openings.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for line in ("openings migrate", "republish openings", "openings serve"):
        result = CliRunner().invoke(build(line.split()), line.split())
        says_in_one_line(result)
        assert "revision 9999, which this version does not know" in result.output


@pytest.fixture(scope="module")
def fresh_database(new_database: Callable[[str], str]) -> str:
    return new_database("commands")


def without_password(url: str) -> str:
    return url.replace(str(urlsplit(url).password), "a-wrong-one")


def of_another_name(url: str) -> str:
    return f"{url}_absent"


def of_another_port(url: str) -> str:
    return url.replace(f":{urlsplit(url).port}/", f":{free_port()}/")


UNFIT = {
    without_password: "does not take this user or password",
    of_another_name: "does not exist at",
    of_another_port: "no database answers at 127.0.0.1:",
}


@pytest.mark.cluster
@pytest.mark.parametrize("unfit", UNFIT)
@every_command
def test_a_database_that_lets_nobody_in(
    path: Path_,
    command: click.Command,
    unfit: Callable[[str], str],
    fresh_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAKERSYNC_DATABASE_URL", unfit(fresh_database))
    result = call(path, command, tmp_path)
    says_in_one_line(result)
    if NEEDS_DATABASE & set(path):
        assert UNFIT[unfit] in result.output


#: Commands that begin with the database, for what they say must name it.
NEEDS_DATABASE = {"migrate", "bootstrap", "serve", "dead-letters", "republish", "export", "show", "try", "rebuild"}
#: As it is installed, and as many set it up to let drivers in that ask for what it does not know.
POOLERS = {"strict": (), "lenient": ("ignore_startup_parameters = idle_in_transaction_session_timeout",)}


@pytest.fixture(scope="module", params=POOLERS)
def pooler(request: pytest.FixtureRequest, fresh_database: str) -> Iterator[Pooler]:
    pooler = first_that_works("PgBouncer", [lambda: Pooler(fresh_database, *POOLERS[request.param])])
    yield pooler
    pooler.close()


@pytest.mark.cluster
@pytest.mark.parametrize("line", ["openings migrate", "openings serve", "openings bootstrap", "republish openings"])
def test_a_pooler_is_refused_each_time(line: str, pooler: Pooler, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: through it, what a session sets and prepares belongs to nobody, least of all the limit that the fence needs."""
    monkeypatch.setenv("MAKERSYNC_DATABASE_URL", pooler.url)
    monkeypatch.setenv("MAKERSYNC_PROFILE", "cluster")
    monkeypatch.setenv("MAKERSYNC_KEY_PEPPER", "x" * 32)
    for _ in range(2):
        result = CliRunner().invoke(build(line.split()), line.split())
        assert result.exit_code == OPERATOR_MUST_ACT
        assert "A connection pooler answers at 127.0.0.1:" in result.output
        says_in_one_line(result)
