"""The `makersync` command. Services add their own groups through the entry point group `makersync.commands`."""

from importlib.metadata import entry_points

import typer

from makersync.cli.dead_letter_commands import app as dead_letters
from makersync.cli.topic_commands import app as topics

GROUP = "makersync.commands"


def build() -> typer.Typer:
    """The command with every group that is installed."""
    app = typer.Typer(
        name="makersync",
        help="Keeps employers and training providers in manufacturing in step. Example: makersync demo --once",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.add_typer(topics, name="topics")
    app.add_typer(dead_letters, name="dead-letters")
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        app.add_typer(entry.load(), name=entry.name)
    return app


def run() -> None:
    build()()


if __name__ == "__main__":
    run()
