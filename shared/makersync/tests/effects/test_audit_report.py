"""What a service states about its data is compared with the log, key by key."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CANDIDATE_MATCH
from makersync.broker.port import Record
from makersync.effects.audit_report import (
    AuditReport,
    AuditView,
    Disagreement,
    StatedVersion,
    compare_with_log,
    log_disagreements,
)
from makersync.effects.log_reading import LogReading, own_readers
from makersync.envelope import Event, encode, encode_sequence
from makersync.store.database import Store
from makersync.topic import schema_name

from .toys import NOW

REGION, PAIR = "17410", "job/ann"
KEY = f"{REGION}/{PAIR}"
MATCH = {"region": REGION, "opening_id": "job", "learner_id": "ann", "employer_id": "works", "provider_id": "college"}
LIVE = {"score": 7000, "components": {"evidence": 7000}, "groups": [{"id": "g", "met": True, "awards": []}]}
STANDS_ON = {"opening_version": 1, "policy_version": 1, "day": "2026-03-02"}
DIGESTS = {"learner_version": 1, "groups_digest": "a", "awards_digest": "b"}


def record(version: int, kind: str = "MatchProposed", event_id: str = "1", **changed: Any) -> Record:
    said = {"reason": "outranked"} if kind == "MatchWithdrawn" else LIVE | DIGESTS
    event = Event(
        id=event_id,
        source="/makersync/matching",
        type=f"matching.{kind}",
        subject=PAIR,
        time=NOW,
        dataschema=schema_name(CANDIDATE_MATCH),
        partitionkey=REGION,
        sequence=encode_sequence(version),
        data=MATCH | STANDS_ON | said | changed,
    )
    return Record(CANDIDATE_MATCH.name, 0, version, KEY.encode(), encode(event), 0)


async def held_against(store: Store, records: list[Record], *stated: StatedVersion) -> list[tuple[str, str]]:
    log = LogReading(own_readers([CANDIDATE_MATCH]), 1)
    for each in records:
        log.add(each)

    async def state(_session: AsyncSession) -> AsyncIterator[StatedVersion]:
        for each in stated:
            yield each

    verdict = AuditReport(log_disagreements(log))
    await compare_with_log(log, store, [AuditView("shown", (CANDIDATE_MATCH.name,), state)], verdict)
    return [(each.kind, each.line) for each in verdict.disagreements]


def stated(version: int, state: Mapping[str, Any] | None) -> StatedVersion:
    return StatedVersion(CANDIDATE_MATCH.name, KEY, version, state)


@pytest.mark.parametrize(
    ("records", "held", "found"),
    [
        ([record(1)], [stated(1, {"score": 7000, "seeking_since": None, "unknown": []})], []),
        ([record(1)], [stated(1, {"score": 6999})], [("another state", "score at version 1")]),
        ([record(1), record(2)], [stated(1, {"score": 7000})], [("another version", "1 here, 2 in the log")]),
        ([record(1)], [stated(1, None)], [("another state", "has ended here, at version 1")]),
        ([record(1, "MatchWithdrawn")], [stated(1, LIVE)], [("another state", "lives here, at version 1")]),
        ([record(1)], [], [("missing", "version 1 in the log")]),
        ([record(1, "MatchWithdrawn")], [], []),
        ([], [stated(4, LIVE)], [("not in the log", "version 4")]),
        ([record(3), record(1), Record(CANDIDATE_MATCH.name, 0, 9, KEY.encode(), None, 0)], [stated(3, LIVE)], []),
        ([record(1), record(1, event_id="2")], [stated(1, LIVE)], [("two events of one version", "version 1")]),
    ],
)
async def test_a_view_must_agree_with_the_newest_readable_record(
    store: Store, records: list[Record], held: list[StatedVersion], found: list[tuple[str, str]]
) -> None:
    assert await held_against(store, records, *held) == found


def test_a_disagreement_whose_view_changes_is_a_different_one() -> None:
    """This distinguishes work in progress from a disagreement that stays."""
    assert Disagreement("a", "b", "c", "1 here", "2 in the log") != Disagreement("a", "b", "c", "2 here", "2 in the log")


def test_a_disagreement_of_an_unchanged_view_stays_the_same_while_the_log_grows() -> None:
    """Guards: an audit under load that mistakes a stuck shortlist for one that is being updated."""
    assert Disagreement("a", "b", "c", "1 here", "2 in the log") == Disagreement("a", "b", "c", "1 here", "3 in the log")
