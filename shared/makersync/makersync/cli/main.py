"""The `makersync` command. Every group is an entry point in `makersync.commands`, of the kit or of an installed service."""

import logging
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

import typer

from makersync.log_rate_limit import RateLimitFilter

GROUP = "makersync.commands"


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command. Only the group named in `arguments` is loaded, so that a service starts fast; for help, all groups are
    loaded."""
    app = typer.Typer(
        name="makersync",
        help=f"Keeps employers and training providers in manufacturing in step. Example: {_example()}",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for entry in _wanted(arguments):
        app.add_typer(entry.load(), name=entry.name)
    app.callback()(_root)
    return app


def _example() -> str:
    """A command that exists in this environment: production images do not contain the demo."""
    return "makersync demo --once" if any(each.name == "demo" for each in _installed()) else "makersync topics create"


def _installed() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda each: each.name)


def _wanted(arguments: Sequence[str]) -> list[EntryPoint]:
    entries = _installed()
    named = [entry for entry in entries if arguments and entry.name == arguments[0]]
    return named or entries


def _root() -> None:
    """Keeps the groups below the command even when only one is loaded."""


def run() -> None:
    if logging.lastResort is not None:
        # Limits aiokafka's messages about each attempt to reach a broker, for commands that do not configure logging.
        logging.lastResort.addFilter(RateLimitFilter("aiokafka"))
    build(sys.argv[1:])()


if __name__ == "__main__":
    run()
