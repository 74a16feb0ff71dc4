"""The rows that matching would have stored from the topics: for every key, the newest record that can be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from contracts.topics import (
    BY_NAME,
    CANDIDATE_MATCH,
    CATALOG,
    COHORT,
    DRAFT,
    LEARNER,
    OPENING,
    PATHWAY,
    REACH,
    SKILL_SHORTAGE,
)
from makersync.effects.dead_letters import Poison
from makersync.effects.log_reading import KeyLog, LogReading
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reader, Reading, Received
from makersync.envelope import LARGEST_VERSION, Event, Unreadable, decode
from makersync.runtime.service import Context
from matching.adapters.catalog_events import CATALOG_READER
from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.cell_tables import CellRow
from matching.adapters.cohort_events import COHORT_READER
from matching.adapters.consuming.draft import DRAFT_CONSUMER
from matching.adapters.draft_events import DRAFT_READER
from matching.adapters.draft_repository import draft_row
from matching.adapters.draft_tables import AskedDraftRow
from matching.adapters.learner_events import LEARNER_READER
from matching.adapters.match_tables import MatchRow
from matching.adapters.opening_events import OPENING_READER
from matching.adapters.partition_standing import MARKET_CONSUMER
from matching.adapters.pathway_events import record_of_event as pathway_record
from matching.adapters.pathway_repository import pathway_row
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.reach_events import record_of_event as reach_record
from matching.adapters.reach_repository import reach_row
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.rules_copy import CATALOG_CONSUMER
from matching.adapters.subject_repository import subject_row, taken_of
from matching.adapters.subject_tables import SubjectRow
from matching.domain.cells.shortage_cell import CellMeasure

OWN = (CANDIDATE_MATCH, SKILL_SHORTAGE, PATHWAY, REACH)
SUBJECTS = (OPENING.name, LEARNER.name, COHORT.name)
#: The topics of other services, from which this one takes its subjects.
TAKEN: dict[str, Reader] = {
    OPENING.name: OPENING_READER,
    LEARNER.name: LEARNER_READER,
    COHORT.name: COHORT_READER,
    CATALOG.name: CATALOG_READER,
    DRAFT.name: DRAFT_READER,
}
Rows = list[dict[str, Any]]
#: From partition number, version and event.
RowOf = Callable[[int, int, Event], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TopicsMarket:
    """The rows that follow from the topics. `heads` are this service's newest events in the log; `risen` are those to publish
    again at a higher version, because the log has two events of one version."""

    rows: dict[type, Rows]
    heads: Rows
    risen: Rows
    fences: dict[tuple[str, int], dict[str, int]]
    poison: dict[str, list[Poison]]
    policy_version: int

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


def understood(log: LogReading, context: Context) -> TopicsMarket:
    """Evaluate the log by the newest record of each key that can be read."""
    own = _OwnTopics(log, context)
    subjects = [received for topic in SUBJECTS for _, _, received in log.newest_of(topic)]
    rows: dict[type, Rows] = {
        CatalogRow: [_catalog_row(received) for _, _, received in log.newest_of(CATALOG.name)],
        SubjectRow: [subject_row(received.record.partition, taken_of(received)) for received in subjects],
        MatchRow: own.rows(CANDIDATE_MATCH.name, _match_row),
        CellRow: own.rows(SKILL_SHORTAGE.name, _cell_row_on(context.clock.today())),
        PathwayRow: own.rows(PATHWAY.name, _pathway_row),
        AskedDraftRow: [draft_row(received) for _, _, received in log.newest_of(DRAFT.name)],
        PublishedCountsRow: own.rows(REACH.name, _reach_row_in(log)),
    }
    return TopicsMarket(rows, own.heads, own.risen, _fences(log), _poison(log), own.policy_version)


class _OwnTopics:
    """What this service has published. A key for which the log has two events of one version continues above them: its last
    readable state is published again, at a version that only one event has."""

    def __init__(self, log: LogReading, context: Context) -> None:
        self._log, self._outbox, self._now = log, context.outbox, context.clock.now()
        self.heads: Rows = []
        self.risen: Rows = []
        self.policy_version = 0

    def rows(self, topic: str, row_of: RowOf) -> Rows:
        return [
            row_of(received.record.partition, *self._newest(key, logged))
            for key, logged, received in self._log.newest_of(topic)
        ]

    def _newest(self, key: str, logged: KeyLog) -> tuple[int, Event]:
        """The version from which the key continues, and the event."""
        assert logged.newest is not None
        event = decode(logged.newest.value)
        self.policy_version = max(self.policy_version, event.data.get("policy_version", 0))
        head = {"topic": logged.newest.topic, "partition": logged.newest.partition, "key": key, "version": logged.version}
        self.heads.append(head | {"payload": logged.newest.value, "published_at": self._now})
        if logged.is_sound or logged.highest_version >= LARGEST_VERSION:
            return logged.version, event
        self.risen.extend(self._risen(logged, event))
        return logged.highest_version + 1, event

    def _risen(self, logged: KeyLog, event: Event) -> Rows:
        assert logged.newest is not None
        state = self._log.read(logged.newest).event.data
        topic, kind = BY_NAME[logged.newest.topic], event.type.partition(".")[2]
        new = NewEvent(topic, kind, event.subject, event.partitionkey, logged.highest_version + 1, state)
        return [dict(row) for row in self._outbox.rows([new])]


def _match_row(partition: int, version: int, event: Event) -> dict[str, Any]:
    data, has_ended = event.data, event.type.endswith("MatchWithdrawn")
    return {
        "opening_id": data["opening_id"],
        "learner_id": data["learner_id"],
        "region": data["region"],
        "partition": partition,
        "version": version,
        "live": not has_ended,
        "ended_on": date.fromisoformat(data["day"]) if has_ended else None,
        "employer_id": data["employer_id"],
        "provider_id": data["provider_id"],
        "document": data,
    }


def _cell_row_on(today: date) -> RowOf:
    """A signal of an earlier day has become yesterday's level by now."""

    def row(partition: int, version: int, event: Event) -> dict[str, Any]:
        data = event.data
        signal = {
            "version": version,
            "kind": event.type.rpartition(".Shortage")[2].lower(),
            "level": data["level"],
            "level_ahead": data.get("level_ahead"),
            "measure": _measure(data),
            "policy_version": data["policy_version"],
            "day": data["day"],
        }
        passed = date.fromisoformat(data["day"]) < today and data["level"] != "insufficient_data"
        return {
            "region": data["region"],
            "subject": data["subject"],
            "partition": partition,
            "level": data["level"],
            "previous_level": data["level"] if passed else data.get("previous_level"),
            "version": version,
            "signal": signal,
        }

    return row


def _measure(data: Mapping[str, Any]) -> dict[str, Any]:
    """The components that a signal carries: not all of them where version 1 of the rules applied."""
    names = [each.name for each in fields(CellMeasure)]
    return {name: data[name] for name in names if name in data} | {"top_credentials": data.get("top_credentials", [])}


def _pathway_row(partition: int, version: int, event: Event) -> dict[str, Any]:
    return pathway_row(partition, event.data["region"], pathway_record(version, event.data))


def _reach_row_in(log: LogReading) -> RowOf:
    """What is on the topic of drafts is a draft's."""

    def row(partition: int, version: int, event: Event) -> dict[str, Any]:
        is_draft = (DRAFT.name, f"{event.partitionkey}/{event.subject}") in log.keys
        return reach_row(partition, event.data["region"], reach_record(version, event.data, is_draft))

    return row


def _catalog_row(received: Received[Reading]) -> dict[str, Any]:
    event = received.event
    return {"subject": event.subject, "version": event.version, "document": event.data}


def _consumer_of(topic: str) -> str:
    return {CATALOG.name: CATALOG_CONSUMER, DRAFT.name: DRAFT_CONSUMER}.get(topic, MARKET_CONSUMER)


def _fences(log: LogReading) -> dict[tuple[str, int], dict[str, int]]:
    offsets: dict[tuple[str, int], dict[str, int]] = {}
    for at, position in log.positions.items():
        if at.topic in TAKEN:
            offsets.setdefault((_consumer_of(at.topic), at.partition), {})[at.topic] = position
    return offsets


def _poison(log: LogReading) -> dict[str, list[Poison]]:
    """What cannot be read and nothing newer has replaced, by consumer."""
    consumers: dict[str, list[Poison]] = {}
    for (topic, _), logged in sorted(log.keys.items(), key=lambda each: each[0]):
        if topic in TAKEN and logged.unread is not None:
            record, error, _version = logged.unread
            consumers.setdefault(_consumer_of(topic), []).append(Poison.of(record, error))
    for record in log.misplaced:
        if record.topic in TAKEN:
            elsewhere = Unreadable("wrong_partition", "the record lies in another partition than its key's")
            consumers.setdefault(_consumer_of(record.topic), []).append(Poison.of(record, elsewhere))
    return consumers
