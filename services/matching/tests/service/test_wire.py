"""What is read and written without the contract's own models is compared with them here."""

from typing import Any

import pytest
from service_world import CREDENTIALS, NOW, REGION, ZIP, World, award

from contracts.learners import LearnerState
from contracts.topics import CANDIDATE_MATCH, LEARNER
from makersync.broker.port import Record
from makersync.envelope import Event, Unreadable, encode, encode_sequence
from makersync.topic import schema_name
from matching.adapters.learner_events import LEARNER_READER
from matching.adapters.subject_repository import taken_of

ANN: dict[str, Any] = {
    "learner_id": "ann",
    "provider_id": "college",
    "region": REGION,
    "zip": ZIP,
    "seeking": True,
    "consents_to_matching": True,
    "awards": [award(CREDENTIALS[0])],
}
BROKEN: dict[str, dict[str, Any]] = {
    "an id with a space": {"learner_id": "ann b"},
    "an id that ends in a new line": {"provider_id": "college\n"},
    "an id that is too long": {"provider_id": "c" * 121},
    "an empty id": {"provider_id": ""},
    "no such ZIP": {"zip": "00000"},
    "a reach of nothing": {"reach_km": 0},
    "a reach beyond the longest": {"reach_km": 301},
    "a reach in text": {"reach_km": "40"},
    "a reach in part": {"reach_km": 40.5},
    "seeking in text": {"seeking": "perhaps"},
    "seeking unknown": {"seeking": None},
    "no date": {"seeking_since": "2026-13-01"},
    "no such shift": {"shifts": ["noon"]},
    "a wage below nothing": {"wage_floor": -1},
    "awards that are no list": {"awards": {}},
    "an award twice": {"awards": [award(CREDENTIALS[0]), award(CREDENTIALS[0])]},
    "an award of no such status": {"awards": [award(CREDENTIALS[0], status="lost")]},
    "an award of no such evidence": {"awards": [award(CREDENTIALS[0], evidence="hearsay")]},
    "an award without a credential": {"awards": [{"award_id": "a", "status": "active", "evidence": "verified"}]},
}


def record(data: dict[str, Any]) -> Record:
    event = Event(
        id="1",
        source="/makersync/learners",
        type="learners.LearnerRegistered",
        subject="ann",
        time=NOW,
        dataschema=schema_name(LEARNER),
        partitionkey=REGION,
        sequence=encode_sequence(3),
        data=data,
    )
    return Record(LEARNER.name, 0, 0, f"{REGION}/ann".encode(), encode(event), 0)


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN)
def test_a_learner_who_breaks_the_contract_is_set_aside(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as refused:
        LEARNER_READER.read(record(ANN | changes), 1)
    assert refused.value.reason == "breaks_contract"


@pytest.mark.parametrize("name", [name for name, field in LearnerState.model_fields.items() if field.is_required()])
def test_a_learner_without_a_required_field_is_set_aside(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        LEARNER_READER.read(record({key: value for key, value in ANN.items() if key != name}), 1)
    assert refused.value.reason == "breaks_contract"


def test_a_reason_names_the_place_and_not_the_value() -> None:
    with pytest.raises(Unreadable) as refused:
        LEARNER_READER.read(record(ANN | {"shifts": ["the night of my wedding"]}), 1)
    assert refused.value.detail == "Invalid enum value - at `$.shifts[0]`"


def test_what_a_reader_does_not_know_is_ignored_and_kept() -> None:
    received = LEARNER_READER.read(record(ANN | {"favourite_tool": "lathe"}), 1)
    taken = taken_of(received)
    assert (taken.subject_id, taken.version) == ("ann", 3)
    assert b"lathe" in bytes(received.event.data)


async def test_every_match_event_is_what_the_contract_says(world: World) -> None:
    await world.opening(positions=2)
    await world.learner("ann")
    await world.learner(
        "bob", award(CREDENTIALS[0], award_id="bobs", evidence="attested"), seeking_since="2026-01-05", wage_floor=2000
    )
    await world.settle()
    await world.learner("ann", seeking=False)
    await world.opening(kind="OpeningClosed", status="closed", positions=2)
    await world.settle()
    events = [event for event in await world.events() if event.type in CANDIDATE_MATCH.types]
    assert {event.type.rpartition(".")[2] for event in events} == {"MatchProposed", "MatchWithdrawn"}
    for event in events:
        state = CANDIDATE_MATCH.types[event.type].model_validate(event.data)
        assert state.model_dump(mode="json", exclude_none=True) == event.data
