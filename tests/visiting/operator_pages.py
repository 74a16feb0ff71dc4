"""The pages of operators that every service has, with something on them."""

from makersync.effects.halts import Halt, record_halt
from makersync.http.wiring import Wiring
from makersync.store.tables import DeadLetterRow
from makersync.topic import Topic
from tests.visiting.every_page import EveryPage


async def pages_of_operators(wiring: Wiring, consumer: str, topic: Topic) -> EveryPage:
    """A letter that nobody has decided about, one without a record, and a halted partition: the addresses by the paths of their
    routes. `consumer` reads `topic`."""
    now = wiring.clock.now()
    letter = {"consumer": consumer, "topic": topic.name, "partition": 3, "log_id": "log", "seen_at": now}
    rows = [
        DeadLetterRow(**letter, offset=1, key=b"k" * 90, payload=b'{"id": "ev_1"}', reason="breaks_contract", detail="d" * 900),
        DeadLetterRow(**letter, offset=2, reason="unknown_type", detail="", status="replayed", resolved_at=now),
    ]
    async with wiring.store.transaction() as session:
        session.add_all(rows)
        await session.flush()
        letters = [f"/dead-letters/{row.id}" for row in rows]
        await record_halt(session, Halt(consumer, 3, topic.name, "too many dead letters", now))
    return {
        "/activity/decisions": ["/activity/decisions"],
        "/operations": ["/operations"],
        "/operations/now": ["/operations/now"],
        "/dead-letters": ["/dead-letters", "/dead-letters?status=replayed"],
        "/dead-letters/{letter_id}": letters,
    }
