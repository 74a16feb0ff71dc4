"""The toy's two services: one sets halves, the other joins them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.outbox import NewEvent, Outbox
from makersync.effects.reading import Reader, ReaderModel
from makersync.envelope import Envelope
from makersync.store.database import Store
from makersync.store.upserts import upsert
from makersync.topic import partition_of

from .toy_stores import HalfRow, LedgerRow, PairRow
from .toys import HALVES, LEFT_HALF, PAIR, PARTITIONS, RIGHT_HALF, PairState, half_event


class HalfRead(ReaderModel):
    subject: str
    value: int


class HalfEndRead(ReaderModel):
    subject: str


READERS = {topic.name: Reader(topic, {"HalfSet": HalfRead, "HalfEnded": HalfEndRead}) for topic in HALVES.values()}
SIDES = {topic.name: side for side, topic in HALVES.items()}


@dataclass
class Joined:
    """The result of a batch."""

    halves: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    pairs: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: list[dict[str, Any]] = field(default_factory=list)
    causes: dict[str, Envelope] = field(default_factory=dict)


async def _nothing(_work: "JoinWork") -> None:
    return None


class JoinWork:
    """Joins the halves of one partition number in memory, and writes the changes. `before_write` is a hook for tests."""

    before_write: Callable[["JoinWork"], Awaitable[None]] = staticmethod(_nothing)

    def __init__(self, number: int, outbox: Outbox) -> None:
        self.number, self._outbox = number, outbox
        self._halves: dict[tuple[str, str], tuple[int, int | None]] = {}
        self._pairs: dict[str, tuple[int, int | None, int | None]] = {}
        self.standing: Standing | None = None
        self.loaded_from: Hold | None = None
        self.batches: list[int] = []

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        self.loaded_from = hold
        for half in (await session.exec(select(HalfRow).where(HalfRow.number == self.number))).all():
            self._halves[half.side, half.key] = (half.version, half.value)
        for pair in (await session.exec(select(PairRow).where(PairRow.number == self.number))).all():
            self._pairs[pair.key] = (pair.version, pair.left, pair.right)

    def due(self, standing: Standing) -> bool:
        return self.standing is not None and self.standing != standing

    async def known(self, store: Store, batch: Batch) -> list[KnownSubject]:
        keys = [(SIDES[each.record.topic], f"{each.event.partitionkey}/{each.event.subject}") for each in batch]
        return [KnownSubject(self._halves.get(key, (0, None))[0]) for key in keys]

    async def prepare(self, batch: Batch, behind: int = 0) -> Joined:
        joined = Joined()
        self.batches.append(len(batch))
        for received in batch:
            side, key = SIDES[received.record.topic], f"{received.event.partitionkey}/{received.event.subject}"
            version = received.event.version
            if version <= self._halves.get((side, key), (0, None))[0]:
                continue
            value = received.data.value if isinstance(received.data, HalfRead) else None
            self._halves[side, key] = (version, value)
            joined.halves[side, key] = {"side": side, "key": key, "number": self.number, "version": version, "value": value}
            joined.effects.append({"side": side, "key": key, "version": version})
            joined.causes[key] = received.event
        for key in joined.causes:
            self._join(key, joined)
        return joined

    def _join(self, key: str, joined: Joined) -> None:
        left, right = (self._halves.get((side, key), (0, None))[1] for side in (LEFT_HALF, RIGHT_HALF))
        version, *before = self._pairs.get(key, (0, None, None))
        if [left, right] != before:
            self._pairs[key] = (version + 1, left, right)
            joined.pairs[key] = {"key": key, "number": self.number, "version": version + 1, "left": left, "right": right}

    async def write(self, session: AsyncSession, prepared: Joined, standing: Standing) -> Standing:
        await self.before_write(self)
        await upsert(session, HalfRow, list(prepared.halves.values()), ["side", "key"])
        await upsert(session, PairRow, list(prepared.pairs.values()), ["key"])
        if prepared.effects:
            await session.exec(insert(LedgerRow.__table__), params=prepared.effects)  # type: ignore[attr-defined]
        events = [pair_event(pair, prepared.causes.get(key)) for key, pair in prepared.pairs.items()]
        await self._outbox.record(session, events)
        return self.standing or standing


def pair_event(pair: Mapping[str, Any], cause: Envelope | None) -> NewEvent:
    region, _, subject = pair["key"].partition("/")
    state = PairState(subject=subject, left=pair["left"], right=pair["right"])
    return NewEvent(PAIR, "PairChanged", subject, region, pair["version"], state, cause)


class Halves:
    """The service that owns the halves: one transaction sets a half and writes its event."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store, self._outbox = store, outbox

    async def set(self, side: str, key: str, value: int | None) -> int:
        """Returns the half's new version."""
        async with self._store.transaction() as session:
            return await self.set_within(session, side, key, value)

    async def set_within(self, session: AsyncSession, side: str, key: str, value: int | None) -> int:
        row = await session.get(HalfRow, (side, key))
        version = 1 if row is None else row.version + 1
        number = partition_of(key.partition("/")[0], PARTITIONS)
        half = {"side": side, "key": key, "number": number, "version": version, "value": value}
        await upsert(session, HalfRow, [half], ["side", "key"])
        await self._outbox.record(session, [half_event(side, key, version, value)])
        return version
