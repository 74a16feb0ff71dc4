"""Whether everybody says the same: the front doors' stores, the log, the market state, and what is shown of it.

Each service states what it holds, key by key; all of it is held against what the log's newest readable records say.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.log_reading import KeyLog, LogReading
from makersync.effects.own_topics import Key
from makersync.store.database import Store

MISSING, NOT_IN_LOG, VERSION, STATE, TWO_THINGS = (
    "missing",
    "not in the log",
    "another version",
    "another state",
    "the log tells two things",
)
LOG = "log"


@dataclass(frozen=True, slots=True)
class StatedVersion:
    """What a view holds of one key: its version, and its state in the words of the event; None once it has ended. Of a state
    only the fields that are given are compared."""

    topic: str
    key: str
    version: int
    state: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class AuditView:
    """One part of what a service holds, such as the shortlists. `topics` are those that it must agree with."""

    name: str
    topics: Sequence[str]
    stated: Callable[[AsyncSession], AsyncIterator[StatedVersion]]


@dataclass(frozen=True, slots=True, order=True)
class Disagreement:
    """`detail` says how far the view is, so that one that stays is told from one that was under way. How far the log is,
    `told`, does not count for that: it goes on while a view stands still."""

    view: str
    kind: str
    key: str
    detail: str
    told: str = field(default="", compare=False)

    @property
    def line(self) -> str:
        return ", ".join(filter(None, (self.detail, self.told)))


@dataclass(slots=True)
class AuditReport:
    """`compared` counts what each view stated."""

    disagreements: list[Disagreement] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)


async def compare_with_log(log: LogReading, store: Store, views: Sequence[AuditView], verdict: AuditReport) -> None:
    """Add what the views of one service say otherwise than the log."""
    for view in views:
        seen: set[Key] = set()
        async with store.reading() as session:
            async for stated in view.stated(session):
                seen.add((stated.topic, stated.key))
                told = log.keys.get((stated.topic, stated.key))
                if (found := _judged(view.name, log, stated, told)) is not None:
                    verdict.disagreements.append(found)
        verdict.compared[view.name] = len(seen)
        verdict.disagreements += _missing(view, log, seen)


def log_disagreements(log: LogReading) -> list[Disagreement]:
    """Keys of which the log itself says two things at its newest version."""
    return [
        Disagreement(LOG, TWO_THINGS, f"{topic} {key}", f"version {told.version}")
        for (topic, key), told in sorted(log.keys.items(), key=lambda each: each[0])
        if told.contradicted
    ]


def _judged(view: str, log: LogReading, stated: StatedVersion, told: KeyLog | None) -> Disagreement | None:
    if told is None or told.newest is None:
        return Disagreement(view, NOT_IN_LOG, stated.key, f"version {stated.version}")
    if told.version != stated.version:
        return Disagreement(view, VERSION, stated.key, f"{stated.version} here", f"{told.version} in the log")
    event = log.read(told.newest).event
    if log.is_end(stated.topic, event) != (stated.state is None):
        here = "has ended" if stated.state is None else "lives"
        return Disagreement(view, STATE, stated.key, f"{here} here, at version {told.version}")
    differing = [] if stated.state is None else _differing(stated.state, event_state(event.data))
    if differing:
        return Disagreement(view, STATE, stated.key, f"{', '.join(differing)} at version {told.version}")
    return None


def _missing(view: AuditView, log: LogReading, seen: set[Key]) -> list[Disagreement]:
    found = []
    for (topic, key), told in sorted(log.keys.items(), key=lambda each: each[0]):
        if topic not in view.topics or (topic, key) in seen or told.newest is None:
            continue
        if not log.is_end(topic, log.read(told.newest).event):
            found.append(Disagreement(view.name, MISSING, key, "", f"version {told.version} in the log"))
    return found


def event_state(data: Any) -> Mapping[str, Any]:
    state: Mapping[str, Any] = orjson.loads(memoryview(data))
    return state


def _differing(stated: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """The fields that differ. What is absent on one side and empty on the other is the same."""
    return [name for name, value in stated.items() if _plain(value) != _plain(told.get(name))]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: plain for name, each in value.items() if (plain := _plain(each)) is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value] or None
    return value or None
