"""Every command tells how it is used, with an example."""

from collections.abc import Iterator

import click
import pytest
import typer
from typer.main import get_command

from makersync.cli import main
from makersync.cli.main import build
from makersync.cli.messages import TRY_LATER, operator_errors
from makersync.errors import Fenced


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from commands(child, (*path, name))


EVERY = list(commands(get_command(build([]))))


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) or "makersync" for path, _ in EVERY])
def test_help_has_an_example(path: tuple[str, ...], command: click.Command) -> None:
    said = command.help or ""
    assert "Example: " in said
    assert "makersync" in said


def test_a_command_between_which_another_process_came_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Guards: two reconciliations at once. The first ended with a traceback."""
    with pytest.raises(typer.Exit) as ended, operator_errors():
        raise Fenced("lease openings.relay: epoch 3 is over")
    assert (ended.value.exit_code, capsys.readouterr().err.count("\n")) == (TRY_LATER, 1)


@pytest.mark.parametrize("has_demo", [True, False])
def test_the_example_of_the_whole_command_is_one_that_is_installed(has_demo: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: images for production carry no demo, and named it as their example."""
    entries = [each for each in main.entry_points(group=main.GROUP) if has_demo or each.name != "demo"]
    monkeypatch.setattr(main, "entry_points", lambda group: entries)
    said = get_command(build([])).help or ""
    assert ("makersync demo" in said) is has_demo
    assert "Example: makersync " in said


def test_every_group_of_the_product_is_there() -> None:
    groups = {path[0] for path, _ in EVERY if path}
    kit = {"topics", "dead-letters", "republish", "resume", "reconcile", "audit", "demo", "schemas"}
    assert groups == kit | {"openings", "learners", "matching", "market", "policy", "catalog", "rebuild"}
