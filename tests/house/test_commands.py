"""Every command tells how it is used, with an example."""

from collections.abc import Iterator

import click
import pytest
import typer
from typer.main import get_command

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


def test_every_group_of_the_product_is_there() -> None:
    groups = {path[0] for path, _ in EVERY if path}
    kit = {"topics", "dead-letters", "republish", "resume", "reconcile", "audit", "demo", "schemas"}
    assert groups == kit | {"openings", "learners", "matching", "market", "policy", "catalog", "rebuild"}
