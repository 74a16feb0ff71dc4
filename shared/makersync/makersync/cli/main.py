"""The `makersync` command. Every group is an entry point in `makersync.commands`: the kit's own and the installed services'."""

import logging
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

import typer

from makersync.log_rate_limit import RateLimitFilter

GROUP = "makersync.commands"


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command. Only the group that `arguments` name is loaded, for a service must start fast; for help, all of them."""
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
    """A command of this environment: images for production carry no demo."""
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
        # What commands that set up no log would say of each attempt to reach a broker.
        logging.lastResort.addFilter(RateLimitFilter("aiokafka"))
    build(sys.argv[1:])()


if __name__ == "__main__":
    run()
