"""The picture of the running demo: figures, what happened last, and how to get in."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from demo.showing.figures import Figures

_LEVEL_STYLES = {"severe": "bold red", "shortage": "yellow", "balanced": "green", "surplus": "cyan", "insufficient_data": "dim"}
_LEVEL_WORDS = {"insufficient_data": "too few data"}
_MOST_HAPPENINGS = 200
_FEWEST_LINES = 3
_MOST_HALTS = 2


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """A service as one of its users reaches it: whose access it is, where, with which key, a command to try, one that reads the
    feed if the service has one, and the address of its pages if it has any."""

    service: str
    whose: str
    url: str
    key: str
    command: str
    follow: str = ""
    pages: str = ""


@dataclass(slots=True)
class Ticker:
    """What happened last, the newest at the end."""

    happenings: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=_MOST_HAPPENINGS))

    def add(self, at: datetime, happening: str) -> None:
        self.happenings.append((at, happening))

    def last(self, number: int) -> Sequence[tuple[datetime, str]]:
        return list(self.happenings)[-number:] if number > 0 else []


@dataclass(frozen=True, slots=True)
class LiveView:
    """Fits itself into the terminal: where it is low, fewer happenings are shown. `halts` say what stands still, and why."""

    figures: Figures
    ticker: Ticker
    access_points: Sequence[AccessPoint]
    elapsed: timedelta
    moves: int
    halts: Sequence[str] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        top, access = self._top(), access_table(self.access_points)
        taken = len(console.render_lines(Group(top, access), options, pad=False)) + 3
        lines = max(_FEWEST_LINES, options.size.height - taken)
        yield Group(top, Text(), self._happenings(lines), Text(), access)

    def line(self) -> str:
        """The same in one line, with what happened last."""
        figures = self.figures
        parts = [
            f"{_clock(self.elapsed)} openings {_counts(figures.openings, ('live', 'filled', 'closed'))}",
            f"learners {sum(figures.learners.values())}",
            f"matches {_counts(figures.matches, ('live', 'proposed', 'withdrawn'))}",
            f"signals {_counts(figures.signals, ('raised', 'eased', 'cleared'))}",
            f"event to match {latency_words(figures.latency)}",
            *(f"HALTED {halt}" for halt in self._halted()),
            *(what for _, what in self.ticker.last(1)),
        ]
        return " | ".join(parts)

    def _top(self) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row("Makersync demo", f"running {_clock(self.elapsed)}, {self.moves} moves; Ctrl-C ends it")
        for name, value in figure_rows(self.figures):
            grid.add_row(name, value)
        for halt in self._halted():
            grid.add_row(Text("HALTED", style="bold red"), Text(halt, style="red"))
        return grid

    def _halted(self) -> Sequence[str]:
        """The first of them: the rest as a rule has the same cause."""
        more = len(self.halts) - _MOST_HALTS
        return [*self.halts[:_MOST_HALTS], *([f"and {more} more"] if more > 0 else [])]

    def _happenings(self, lines: int) -> RenderableType:
        shown = [_happening(at, what) for at, what in self.ticker.last(lines)]
        return Group(*shown, *(Text() for _ in range(lines - len(shown))))


def figure_rows(figures: Figures) -> list[tuple[str, Text]]:
    """What the live view and the summary tell alike."""
    return [
        ("Openings", Text(_counts(figures.openings, ("live", "open", "filled", "closed")))),
        ("Learners", Text(_counts(figures.learners, ("seeking", "not_seeking")))),
        ("Awards", Text(_counts(figures.awards))),
        ("Matches", Text(_counts(figures.matches, ("live", "proposed", "revised", "withdrawn")))),
        ("Cells", _levels(figures.levels)),
        ("Signals", Text(_counts(figures.signals, ("raised", "eased", "cleared", "silenced", "revised")))),
        ("Event to match", Text(latency_words(figures.latency))),
    ]


def access_table(access_points: Sequence[AccessPoint]) -> RenderableType:
    """Addresses, keys and a command for each, fit to be copied."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for point in access_points:
        grid.add_row(point.service, f"{point.url}  {point.whose}")
        if point.pages:
            grid.add_row("  pages", point.pages)
        grid.add_row("  key", point.key)
        grid.add_row("  try", point.command)
        if point.follow:
            grid.add_row("  follow", point.follow)
    return grid


def latency_words(latency: Mapping[str, int | None]) -> str:
    """Such as `p50 40, p95 90, p99 120, max 140 ms (the last 1000 matches)`."""
    if not latency.get("measured"):
        return "nothing measured yet"
    named = ", ".join(f"{name} {latency[name]}" for name in ("p50", "p95", "p99", "max"))
    return f"{named} ms (the last {latency['measured']} matches)"


def _counts(counts: Mapping[str, int], names: Sequence[str] | None = None) -> str:
    return ", ".join(f"{counts.get(name, 0)} {name.replace('_', ' ')}" for name in names or counts)


def _levels(levels: Mapping[str, int]) -> Text:
    worst_first = [level for level in _LEVEL_STYLES if level in levels]
    words = [(f"{levels[level]} {_LEVEL_WORDS.get(level, level)}", _LEVEL_STYLES[level]) for level in worst_first]
    return Text(", ").join(Text(word, style=style) for word, style in words)


def _happening(at: datetime, what: str) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{at:%H:%M:%S} ", style="dim")
    text.append(what)
    return text


def _clock(elapsed: timedelta) -> str:
    return str(timedelta(seconds=int(elapsed.total_seconds())))
