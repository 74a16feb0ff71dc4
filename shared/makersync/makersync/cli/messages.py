"""How commands end after an error: with a sentence that says what to do, and an exit status."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console

from makersync.errors import Fenced, LogReplaced, OperatorError, RetryLater
from makersync.settings import Settings

OPERATOR_MUST_ACT, START_AGAIN, TRY_LATER = 2, 3, 75


@contextmanager
def operator_errors() -> Iterator[None]:
    """Print the error's message on standard error and exit: with 2 if an operator must act, 3 if the process should simply be
    restarted (the log was replaced), and 75 if a part is away or another process interfered."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True, markup=False)
    try:
        with _wrong_settings():
            yield
    except OperatorError as error:
        console.print(str(error))
        raise typer.Exit(OPERATOR_MUST_ACT) from error
    except LogReplaced as error:
        console.print(f"{error}. Start the service again: its start decides what follows.")
        raise typer.Exit(START_AGAIN) from error
    except RetryLater as error:
        console.print(f"{error}. Try again once it answers.")
        raise typer.Exit(TRY_LATER) from error
    except Fenced as error:
        console.print(f"{error}: another process came between. What was done stays; run the command again.")
        raise typer.Exit(TRY_LATER) from error


@contextmanager
def _wrong_settings() -> Iterator[None]:
    """The value itself is not printed, because it may be a secret."""
    try:
        yield
    except SettingsError as error:
        raise OperatorError(f'The settings cannot be read: {error}. Lists are JSON, such as ["http"].') from error
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        wrong = [
            f"MAKERSYNC_{'_'.join(map(str, each['loc'])).upper()}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors()
        ]
        raise OperatorError(f"{'; '.join(wrong)}.") from error
