"""How the demo shows its progress: bars on a terminal, a plain line now and then in a pipe."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

#: Called with the kind of what was loaded.
Advance = Callable[[str], None]
#: Called with the number of events that wait.
Remaining = Callable[[int], None]
#: Called with a picture for a terminal, and the same in one line.
Show = Callable[[RenderableType, str], None]

PLAIN_EVERY_S = 5.0


class Reporter(Protocol):
    """Where everything that the user sees goes."""

    def say(self, sentence: str) -> None: ...

    def show(self, table: RenderableType) -> None: ...

    def loading(self, totals: Mapping[str, int]) -> AbstractContextManager[Advance]:
        """Count what is loaded, by kind."""
        ...

    def settling(self) -> AbstractContextManager[Remaining]:
        """Say how many events still wait."""
        ...

    def living(self, access_points: RenderableType) -> AbstractContextManager[Show]:
        """Show what goes on, each picture in place of the one before where that is possible. Pictures on a terminal hold
        the access_points; elsewhere those are printed once."""
        ...


class _Output(Console):
    """Standard output. Once nobody reads it any more, the demo ends as if it had been asked to, in order."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


def new_console() -> Console:
    return _Output(highlight=False)


def reporter_for(console: Console) -> Reporter:
    return TerminalReporter(console) if console.is_terminal else PlainReporter(console)


class TerminalReporter:
    """For people who watch."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False)

    def show(self, table: RenderableType) -> None:
        self._console.print(table)

    @contextmanager
    def loading(self, totals: Mapping[str, int]) -> Iterator[Advance]:
        with self._progress() as progress:
            tasks = {kind: progress.add_task(f"Loading {kind}", total=total) for kind, total in totals.items() if total}
            yield lambda kind: progress.advance(tasks[kind])

    @contextmanager
    def settling(self) -> Iterator[Remaining]:
        with self._progress() as progress:
            task = progress.add_task("Matching", total=None)
            most = 0

            def update(waiting: int) -> None:
                nonlocal most
                most = max(most, waiting)
                progress.update(task, total=most, completed=most - waiting, description=f"Matching: {waiting} events wait")

            yield update

    @contextmanager
    def living(self, access_points: RenderableType) -> Iterator[Show]:
        with Live(console=self._console, refresh_per_second=4, vertical_overflow="crop") as live:
            yield lambda picture, _line: live.update(picture)

    def _progress(self) -> Progress:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        return Progress(*columns, console=self._console)


class PlainReporter:
    """For files and pipes: no colours, no moving parts, and a line only every few seconds."""

    def __init__(self, console: Console, every_s: float = PLAIN_EVERY_S) -> None:
        self._console = console
        self._every_s = every_s
        self._last = float("-inf")

    def say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)
        self._console.file.flush()

    def show(self, table: RenderableType) -> None:
        self._console.print(table)

    @contextmanager
    def loading(self, totals: Mapping[str, int]) -> Iterator[Advance]:
        loaded = dict.fromkeys((kind for kind, total in totals.items() if total), 0)

        def line() -> str:
            return "Loaded " + ", ".join(f"{count} of {totals[kind]} {kind}" for kind, count in loaded.items())

        def advance(kind: str) -> None:
            loaded[kind] += 1
            self._now_and_then(line)

        yield advance
        self.say(line())

    @contextmanager
    def settling(self) -> Iterator[Remaining]:
        yield lambda waiting: self._now_and_then(lambda: f"Matching: {waiting} events wait")

    @contextmanager
    def living(self, access_points: RenderableType) -> Iterator[Show]:
        self.show(access_points)
        yield lambda _picture, line: self._now_and_then(lambda: line)

    def _now_and_then(self, line: Callable[[], str]) -> None:
        if time.monotonic() - self._last >= self._every_s:
            self._last = time.monotonic()
            self.say(line())
