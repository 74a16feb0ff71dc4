"""Pathways as they are published (MARKET.md section 11)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from contracts.topics import PATHWAY
from makersync.effects.outbox import NewEvent
from matching.application.refreshing import PathwayAnnouncement
from matching.domain.pathways.published import PathwayRecord, digest_of
from matching.domain.pathways.unlocking import Unlocked


class _PathwayStateDocument(Struct, kw_only=True):
    """The contract's `PathwayState` for msgspec: pydantic takes many times as long to write it."""

    region: str
    learner_id: str
    provider_id: str
    credentials: tuple[Unlocked, ...]
    policy_version: int
    day: date
    as_of: datetime


class _PathwayEndedDocument(Struct, kw_only=True):
    """The contract's `PathwayEnded` for msgspec."""

    region: str
    learner_id: str


_ENCODER = msgspec.json.Encoder()


def pathway_event(announced: PathwayAnnouncement) -> NewEvent:
    """One event of a pathway; its subject is the learner id."""
    change = announced.change
    return NewEvent(
        topic=PATHWAY,
        kind="PathwayEnded" if change.provider_id is None else "PathwayRefreshed",
        subject=change.record.learner_id,
        region=change.region,
        version=change.record.version,
        state=Raw(_ENCODER.encode(_state(announced))),
        cause=announced.cause,
    )


def record_of_event(version: int, data: Mapping[str, Any]) -> PathwayRecord:
    """The record that an event on the topic stands for."""
    if "credentials" not in data:
        return PathwayRecord(data["learner_id"], version, None)
    unlocked = [Unlocked(each["credential"], each["unlocked"], tuple(each.get("openings", ()))) for each in data["credentials"]]
    return PathwayRecord(data["learner_id"], version, digest_of(data["provider_id"], unlocked))


def _state(announced: PathwayAnnouncement) -> _PathwayStateDocument | _PathwayEndedDocument:
    change = announced.change
    if change.provider_id is None:
        return _PathwayEndedDocument(region=change.region, learner_id=change.record.learner_id)
    return _PathwayStateDocument(
        region=change.region,
        learner_id=change.record.learner_id,
        provider_id=change.provider_id,
        credentials=change.unlocked,
        policy_version=announced.policy_version,
        day=announced.day,
        as_of=announced.as_of,
    )
