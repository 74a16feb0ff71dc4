"""Commands that touch many things at once say how many, and ask."""

import sys

import typer

from makersync.errors import OperatorError


def confirm(question: str, is_sure: bool) -> None:
    """`is_sure` is `--yes`. Raises OperatorError where nobody is there to be asked, typer.Abort when the answer is no."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise OperatorError(f"{question} Nobody is there to be asked: say --yes.")
    typer.confirm(question, abort=True)
