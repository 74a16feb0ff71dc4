"""Compares what every service holds with the log.

Each service lists its versions key by key: the rows behind its API, the market state, and what is derived from them. Each
version is compared with the newest readable record of its key.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.log_reading import KeyLog, LogReading
from makersync.effects.own_topics import Key
from makersync.store.database import Store

MISSING, NOT_IN_LOG, VERSION, STATE, CONTRADICTED = (
    "missing",
    "not in the log",
    "another version",
    "another state",
    "two events of one version",
)
LOG = "log"


@dataclass(frozen=True, slots=True)
class StatedVersion:
    """What a view holds for one key.

    `state` has the fields of the event and is None once the subject has ended. Only the fields that are present are compared.
    """

    topic: str
    key: str
    version: int
    state: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class AuditView:
    """One part of what a service holds, such as the shortlists. `topics` are the topics that it has to agree with."""

    name: str
    topics: Sequence[str]
    stated: Callable[[AsyncSession], AsyncIterator[StatedVersion]]


@dataclass(frozen=True, slots=True, order=True)
class Disagreement:
    """One key on which a view and the log differ.

    `detail` describes the view and `in_log` the log. `in_log` is excluded from comparison: the log moves on while a view is
    stuck, and a disagreement that stays must equal itself in the next audit.
    """

    view: str
    kind: str
    key: str
    detail: str
    in_log: str = field(default="", compare=False)

    @property
    def line(self) -> str:
        return ", ".join(filter(None, (self.detail, self.in_log)))


@dataclass(slots=True)
class AuditReport:
    """`compared` maps each view to the number of keys it listed."""

    disagreements: list[Disagreement] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)


async def compare_with_log(log: LogReading, store: Store, views: Sequence[AuditView], verdict: AuditReport) -> None:
    """Add the differences between the views of one service and the log to the report."""
    for view in views:
        seen: set[Key] = set()
        async with store.reading() as session:
            async for stated in view.stated(session):
                seen.add((stated.topic, stated.key))
                logged = log.keys.get((stated.topic, stated.key))
                if (found := _judged(view.name, log, stated, logged)) is not None:
                    verdict.disagreements.append(found)
        verdict.compared[view.name] = len(seen)
        verdict.disagreements += _missing(view, log, seen)


def log_disagreements(log: LogReading) -> list[Disagreement]:
    """Keys for which the log holds two different events at the newest version."""
    return [
        Disagreement(LOG, CONTRADICTED, f"{topic} {key}", f"version {logged.version}")
        for (topic, key), logged in sorted(log.keys.items(), key=lambda each: each[0])
        if logged.contradicted
    ]


def _judged(view: str, log: LogReading, stated: StatedVersion, logged: KeyLog | None) -> Disagreement | None:
    if logged is None or logged.newest is None:
        return Disagreement(view, NOT_IN_LOG, stated.key, f"version {stated.version}")
    if logged.version != stated.version:
        return Disagreement(view, VERSION, stated.key, f"{stated.version} here", f"{logged.version} in the log")
    event = log.read(logged.newest).event
    if log.is_end(stated.topic, event) != (stated.state is None):
        here = "has ended" if stated.state is None else "lives"
        return Disagreement(view, STATE, stated.key, f"{here} here, at version {logged.version}")
    differing = [] if stated.state is None else _differing(stated.state, event_state(event.data))
    if differing:
        return Disagreement(view, STATE, stated.key, f"{', '.join(differing)} at version {logged.version}")
    return None


def _missing(view: AuditView, log: LogReading, seen: set[Key]) -> list[Disagreement]:
    found = []
    for (topic, key), logged in sorted(log.keys.items(), key=lambda each: each[0]):
        if topic not in view.topics or (topic, key) in seen or logged.newest is None:
            continue
        if not log.is_end(topic, log.read(logged.newest).event):
            found.append(Disagreement(view.name, MISSING, key, "", f"version {logged.version} in the log"))
    return found


def event_state(data: Any) -> Mapping[str, Any]:
    state: Mapping[str, Any] = orjson.loads(memoryview(data))
    return state


def _differing(stated: Mapping[str, Any], logged: Mapping[str, Any]) -> list[str]:
    """The names of the fields that differ. A missing field equals an empty one."""
    return [name for name, value in stated.items() if _plain(value) != _plain(logged.get(name))]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: plain for name, each in value.items() if (plain := _plain(each)) is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value] or None
    return value or None
