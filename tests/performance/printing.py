"""What the user sees: a table on a terminal, aligned plain text in a pipe; what is being done goes to standard error."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from tests.performance.figures import Figure, Report, machine_line

#: Called with what is being done now.
Told = Callable[[str], None]
HEADINGS = ("profile", "measure", "case", "median", "min-max", "unit", "rounds")
PLAIN_EVERY_S = 10.0
NUMBERS = frozenset({"median", "min-max", "rounds"})


@contextmanager
def progress(console: Console) -> Iterator[Told]:
    """One moving line on a terminal; elsewhere a line for each step, and now and then one of how far it is."""
    if console.is_terminal:
        with console.status("Starting ...") as status:
            yield lambda text: status.update(text)
    else:
        yield _Lines(console).tell


class _Lines:
    """What stands after the last colon tells how far a step is."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = time.monotonic()
        self._step, self._told = "", 0.0

    def tell(self, text: str) -> None:
        now, step = time.monotonic(), text.rpartition(": ")[0]
        if step == self._step and step.count(": ") > 1 and now - self._told < PLAIN_EVERY_S:
            return
        self._step, self._told = step, now
        self._console.print(f"{now - self._begun:6.1f} s  {text}", markup=False, highlight=False, soft_wrap=True)


def show(report: Report, console: Console) -> None:
    rows = [_row(profile, figure) for profile, figures in report.figures.items() for figure in figures]
    if console.is_terminal:
        console.print(_table(rows))
    else:
        _print_plainly(rows, console)
    for line in _notes(report):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _row(profile: str, figure: Figure) -> tuple[str, ...]:
    spread = f"{_number(min(figure.rounds))}-{_number(max(figure.rounds))}"
    return profile, figure.measure, figure.case, _number(figure.median), spread, figure.unit, str(len(figure.rounds))


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _table(rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table()
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in NUMBERS else "left")
    before = rows[0][:2] if rows else ()
    for row in rows:
        if row[:2] != before:
            table.add_section()
        table.add_row(*row)
        before = row[:2]
    return table


def _print_plainly(rows: Sequence[tuple[str, ...]], console: Console) -> None:
    table = [HEADINGS, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADINGS))]
    for row in table:
        cells = [
            cell.rjust(width) if heading in NUMBERS else cell.ljust(width)
            for cell, width, heading in zip(row, widths, HEADINGS, strict=True)
        ]
        console.print("  ".join(cells).rstrip(), markup=False, highlight=False, soft_wrap=True)


def _notes(report: Report) -> Iterator[str]:
    yield f"{report.begun.isoformat(timespec='minutes')}, size {report.size}"
    yield machine_line(report.machine)
    yield from (f"{profile}: {servers}" for profile, servers in report.servers.items())
    yield from (f"{profile} was left out: {reason}" for profile, reason in report.left_out.items())
