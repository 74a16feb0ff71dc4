"""What must hold of the log and the databases after whatever happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from contracts.topics import BY_NAME, TOPICS
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Record, TopicPartition
from makersync.envelope import Event, Unreadable, decode
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.topic import partition_of
from tests.faults.deployment import PARTITIONS, SERVICES, Deployment

Key = tuple[str, str]
LIFE_OF_A_MATCH = {
    None: {"MatchProposed"},
    "MatchProposed": {"MatchRevised", "MatchWithdrawn"},
    "MatchRevised": {"MatchRevised", "MatchWithdrawn"},
    "MatchWithdrawn": {"MatchProposed"},
}


@dataclass(slots=True)
class Log:
    """Every record of every key in the partition of its region, in the log's order. What somebody else wrote there counts too;
    `ends` has the version of each key's last record, 0 for one that cannot be read."""

    events: dict[Key, list[Event]] = field(default_factory=dict)
    ends: dict[Key, int] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        key = (record.topic, (record.key or b"").decode(errors="replace"))
        if record.partition != _home(key):
            return
        try:
            event = decode(record.value)
        except Unreadable:
            self.ends[key] = 0
            return
        self.events.setdefault(key, []).append(event)
        self.ends[key] = event.version

    @property
    def records(self) -> int:
        return sum(map(len, self.events.values()))


def _home(key: Key) -> int:
    topic, name = key
    return partition_of(name.partition("/")[0], PARTITIONS) if BY_NAME[topic].by_region else 0


async def read_log(deployment: Deployment) -> Log:
    broker = KafkaBroker(Settings(broker_address=deployment.address))
    names = [topic.name for topic in TOPICS]
    log = Log()
    try:
        bounds: Mapping[TopicPartition, tuple[int, int]] = await broker.bounds(names)
        tail = await broker.tail(names)
        while any(tail.position(at) < end for at, (_, end) in bounds.items()):
            for records in (await tail.fetch(5000, 1.0)).values():
                for record in records:
                    log.add(record)
        await tail.close()
    finally:
        await broker.close()
    return log


async def newest_published(deployment: Deployment) -> dict[Key, int]:
    """The newest version of every key, as the services' outboxes say."""
    newest: dict[Key, int] = {}
    for service in SERVICES:
        newest |= await versions_of(deployment, service)
    return newest


async def versions_of(deployment: Deployment, service: str) -> dict[Key, int]:
    """The newest version of every key of one service."""
    rows = await query(deployment, service, "SELECT topic, key, max(version) FROM outbox GROUP BY topic, key")
    return {(topic, key): version for topic, key, version in rows}


async def read_at_rest(deployment: Deployment) -> tuple[Log, dict[Key, int]]:
    """The log and the newest version of every key, of one moment: read again while something waits or is told meanwhile.

    An opening that has expired is told of so: the service looks for them twice a minute.
    """
    while True:
        newest = await newest_published(deployment)
        waiting = [row for service in SERVICES for row in await unpublished(deployment, service)]
        log = await read_log(deployment)
        if not waiting and newest == await newest_published(deployment):
            return log, newest


async def unpublished(deployment: Deployment, service: str) -> Sequence[tuple[object, ...]]:
    """An event that waits for the broker, if there is one."""
    return await query(deployment, service, "SELECT id FROM outbox WHERE published_at IS NULL LIMIT 1")


async def query(deployment: Deployment, service: str, statement: str) -> Sequence[tuple[object, ...]]:
    store = Store(deployment.database_url(service))
    try:
        async with store.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(statement))]
    finally:
        await store.close()


def defences(deployment: Deployment) -> dict[str, int]:
    """How often each line of defence was needed, as the processes' logs say."""
    names = (
        "assigned",
        "partition_taken",
        "fenced",
        "lease_taken",
        "publisher_waiting",
        "log_repaired",
        "log_replaced",
        "dead_letter",
    )
    said = "".join((deployment.folder / f"{name}.log").read_text(errors="replace") for name in deployment.processes)
    return {name: count for name in names if (count := said.count(f'"event": "{name}"'))}


def stale_ends(log: Log, newest: Mapping[Key, int]) -> list[str]:
    """Keys whose last record is not their newest version, or that the log lacks."""
    last = log.ends
    return [f"{key}: the log ends with {last.get(key)}, published was {v}" for key, v in newest.items() if last.get(key) != v]


def doubled(log: Log) -> list[str]:
    """Versions of a key that stand for two different events."""
    found = []
    for key, events in log.events.items():
        ids: dict[int, str] = {}
        found += [f"{key} version {e.version}: two events" for e in events if ids.setdefault(e.version, e.id) != e.id]
    return found


def first_seen(events: Sequence[Event]) -> list[Event]:
    """Each version once, where it came first."""
    seen: dict[int, Event] = {}
    for event in events:
        seen.setdefault(event.version, event)
    return list(seen.values())


def disordered(log: Log) -> list[str]:
    """Keys whose versions did not come in order, copies aside."""
    versions = {key: [event.version for event in first_seen(events)] for key, events in log.events.items()}
    return [f"{key}: {found}" for key, found in versions.items() if found != sorted(found)]


def gaps(log: Log) -> list[str]:
    """Keys of which a version never reached the log. A learner's versions are spread over the regions of the reach."""
    whole = {key: events for key, events in log.events.items() if key[0] != "learners.learner.v1"}
    versions = {key: sorted({event.version for event in events}) for key, events in whole.items()}
    return [f"{key}: {found}" for key, found in versions.items() if found != list(range(1, len(found) + 1))]


def impossible_lives(log: Log) -> list[str]:
    """Pairs that were withdrawn without having been proposed, or proposed twice."""
    found = []
    for key, events in log.events.items():
        if key[0] != "matching.candidate-match.v1":
            continue
        before: str | None = None
        for event in first_seen(events):
            kind = event.type.rpartition(".")[2]
            if kind not in LIFE_OF_A_MATCH[before]:
                found.append(f"{key}: {kind} at version {event.version} after {before}")
            before = kind
    return found


async def unread_matches(deployment: Deployment, newest: Mapping[Key, int]) -> list[str]:
    """Pairs of which the openings store has another version than the newest published."""
    rows = await query(deployment, "openings", "SELECT opening_id, learner_id, version FROM shortlist_entry")
    stored = {f"{opening}/{learner}": version for opening, learner, version in rows}
    published = {
        key.partition("/")[2]: version for (topic, key), version in newest.items() if topic == "matching.candidate-match.v1"
    }
    return [f"{pair}: stored {stored.get(pair)}, published {v}" for pair, v in published.items() if stored.get(pair) != v]
