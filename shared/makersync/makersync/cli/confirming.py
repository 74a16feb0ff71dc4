"""Confirmation for commands that affect many things at once."""

import sys

import typer

from makersync.errors import OperatorError


def confirm(question: str, is_sure: bool) -> None:
    """`is_sure` is `--yes`. Raises OperatorError if there is no terminal to ask on, and typer.Abort if the answer is no."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise OperatorError(f"{question} There is no terminal to ask on: pass --yes.")
    typer.confirm(question, abort=True)
