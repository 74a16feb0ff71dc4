"""What a simulation must leave behind: the same result as without faults."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from makersync.broker.memory import MemoryBroker
from makersync.envelope import Unreadable, decode
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow
from makersync.topic import Topic

from .toy_stores import HalfRow, LedgerRow, PairRow
from .toys import LEFT, LEFT_HALF, PAIR, RIGHT, RIGHT_HALF, last_of_each_key


@dataclass(frozen=True)
class Outcome:
    """The stores and the log at the end; `poison` is where unreadable records were written: topic, partition and offset."""

    halves: Store
    pairs: Store
    broker: MemoryBroker
    keys: Sequence[str]
    poison: Sequence[tuple[str, int, int]]

    async def verify(self) -> None:
        """Raises AssertionError if an effect was lost, duplicated or out of order."""
        halves, pairs = await self._halves(), await self._pairs()
        self._verify_join(halves, pairs)
        await self._verify_ledger(halves)
        for side, topic in ((LEFT_HALF, LEFT), (RIGHT_HALF, RIGHT)):
            versions = {key: row.version for (where, key), row in halves.items() if where == side}
            self._verify_log(topic, versions)
        self._verify_log(PAIR, {key: row.version for key, row in pairs.items()})
        await self._verify_dead_letters()

    async def _halves(self) -> dict[tuple[str, str], HalfRow]:
        async with self.halves.reading() as session:
            return {(row.side, row.key): row for row in (await session.exec(select(HalfRow))).all()}

    async def _pairs(self) -> dict[str, PairRow]:
        async with self.pairs.reading() as session:
            return {row.key: row for row in (await session.exec(select(PairRow))).all()}

    def _verify_join(self, halves: dict[tuple[str, str], HalfRow], pairs: dict[str, PairRow]) -> None:
        def value(side: str, key: str) -> int | None:
            return halves[side, key].value if (side, key) in halves else None

        wanted = {key: (value(LEFT_HALF, key), value(RIGHT_HALF, key)) for key in self.keys}
        found = {key: (pairs[key].left, pairs[key].right) if key in pairs else (None, None) for key in self.keys}
        assert found == wanted, "the join does not equal the batch join of the halves"

    async def _verify_ledger(self, halves: dict[tuple[str, str], HalfRow]) -> None:
        async with self.pairs.reading() as session:
            rows = (await session.exec(select(LedgerRow).order_by(col(LedgerRow.id)))).all()
        for side, key in halves:
            effects = [row.version for row in rows if (row.side, row.key) == (side, key)]
            wanted = list(range(1, halves[side, key].version + 1))
            assert effects == wanted, f"effects of {side} {key} were lost, doubled or out of order"

    def _verify_log(self, topic: Topic, newest: dict[str, int]) -> None:
        records = [record for record in self.broker.records(topic.name) if _is_event(record.value)]
        assert last_of_each_key(records) == newest, f"{topic.name} does not end with the newest versions"
        for key in newest:
            events = [decode(record.value) for record in records if record.key == key.encode()]
            firsts = _distinct(event.version for event in events)
            assert firsts == list(range(1, newest[key] + 1)), f"{topic.name} {key} was not published in order"
            ids = {(event.version, event.id) for event in events}
            assert len(ids) == len(firsts), f"{topic.name} {key}: two events of one version"

    async def _verify_dead_letters(self) -> None:
        async with self.pairs.reading() as session:
            rows = (await session.exec(select(DeadLetterRow))).all()
        assert sorted((row.topic, row.partition, row.offset) for row in rows) == sorted(self.poison)


def _is_event(value: bytes | None) -> bool:
    try:
        decode(value)
    except Unreadable:
        return False
    return True


def _distinct(versions: Iterable[int]) -> list[int]:
    """The distinct items, in the order of their first occurrence."""
    return list(dict.fromkeys(versions))
