"""What every module of the product keeps to, read off its source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIT = "shared/makersync/makersync"
SHARED = (KIT, "shared/contracts/contracts", "shared/reference/reference")
SERVICES = ("services/openings/openings", "services/learners/learners", "services/matching/matching")
DEMO = ("demo/client", "demo/market", "demo/running", "demo/showing")
SOURCES = sorted(path for folder in (*SHARED, *SERVICES, *DEMO) for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def users(used: str, found: dict[Path, list[str]]) -> set[str]:
    return {
        name_of(path) for path, names in found.items() if any(name == used or name.startswith(f"{used}.") for name in names)
    }


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.AST]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def test_a_class_name_exists_once(trees: dict[Path, ast.AST]) -> None:
    """Guards: one word for two things, or one thing written twice."""
    places: dict[str, list[str]] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(name_of(path))
    assert len(places) > 700
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_aiokafka_stays_within_one_adapter(trees: dict[Path, ast.AST]) -> None:
    using = users("aiokafka", {path: list(imports(tree)) for path, tree in trees.items()})
    assert using
    assert all(name.startswith(f"{KIT}/broker/kafka/") for name in using)


def test_one_module_commits(trees: dict[Path, ast.AST]) -> None:
    """The broker adapter's own commit only tells the broker how far a group is, for lag displays."""
    committing = {name_of(path) for path, tree in trees.items() if any(call.endswith(".commit") for call in calls(tree))}
    assert committing - {f"{KIT}/broker/kafka/readers.py"} == {f"{KIT}/store/database.py"}


def test_one_module_reads_the_wall_clock(trees: dict[Path, ast.AST]) -> None:
    clocks = ("datetime.now", "datetime.utcnow", "date.today", "time.time")
    reading = {name_of(path) for path, tree in trees.items() if any(call in clocks for call in calls(tree))}
    assert reading == {f"{KIT}/clock.py"}


def test_one_module_takes_a_date_from_an_instant(trees: dict[Path, ast.AST]) -> None:
    """Guards: a date in UTC that is compared with dates in the deployment's time zone. Commands read a day as a datetime."""
    taking = {name_of(path) for path, tree in trees.items() if any(call.endswith(".date") for call in calls(tree))}
    commands = {f"{service}/entrypoints/day_command.py" for service in SERVICES[::2]}
    assert taking == {f"{KIT}/clock.py", *commands}


def test_the_domain_knows_no_framework(trees: dict[Path, ast.AST]) -> None:
    """The standard library, the domain itself, and the kit's places and contracts of no I/O."""
    foreign = ("sqlalchemy", "sqlmodel", "fastapi", "pydantic", "aiokafka", "structlog", "httpx", "typer", "rich")
    found = {
        f"{name_of(path)} imports {module}"
        for path, tree in trees.items()
        if "domain" in path.parts
        for module in imports(tree)
        if module.split(".")[0] in foreign
    }
    assert found == set()
