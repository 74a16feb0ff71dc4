"""Pathways as they are stored and published (MARKET.md section 11)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import PATHWAY
from makersync.effects.outbox import NewEvent
from makersync.store.database import upsert
from matching.adapters.tables import PathwayRow
from matching.application.partition_pathways import ToldPathway
from matching.domain.pathways.published import PathwayRecord, digest_of
from matching.domain.pathways.unlocking import Unlocked


class _Unlocked(Struct):
    credential: str
    unlocked: int


class _Pathway(Struct, kw_only=True):
    """The contract's `PathwayState`, for writing it by the thousand."""

    region: str
    learner_id: str
    provider_id: str
    credentials: list[_Unlocked]
    policy_version: int
    day: date
    as_of: datetime


class _EndedPathway(Struct, kw_only=True):
    """The contract's `PathwayEnded`."""

    region: str
    learner_id: str


_ENCODER = msgspec.json.Encoder()


async def stored_pathways(session: AsyncSession, partition: int) -> Mapping[str, Sequence[PathwayRecord]]:
    """What the learners of a partition number were last told, by region; what has ended may be left out below the floors."""
    columns = select(PathwayRow.region, PathwayRow.learner_id, PathwayRow.version, PathwayRow.digest)
    records: dict[str, list[PathwayRecord]] = {}
    for region, learner_id, version, digest in await session.exec(columns.where(col(PathwayRow.partition) == partition)):
        told = None if digest is None else bytes.fromhex(digest)
        records.setdefault(region, []).append(PathwayRecord(learner_id, version, told))
    return records


async def save_pathways(session: AsyncSession, partition: int, told: Sequence[ToldPathway]) -> None:
    """Write what was told: of a pathway that ended only the version is kept."""
    rows = [pathway_row(partition, each.change.region, each.change.record) for each in told]
    await upsert(session, PathwayRow, rows, ["region", "learner_id"], newer_by="version")


def pathway_row(partition: int, region: str, record: PathwayRecord) -> dict[str, Any]:
    return {
        "region": region,
        "learner_id": record.learner_id,
        "partition": partition,
        "version": record.version,
        "digest": None if record.digest is None else record.digest.hex(),
    }


def pathway_event(told: ToldPathway) -> NewEvent:
    """One event of a pathway; its subject is the learner id."""
    change = told.change
    return NewEvent(
        topic=PATHWAY,
        kind="PathwayEnded" if change.provider_id is None else "PathwayRefreshed",
        subject=change.record.learner_id,
        region=change.region,
        version=change.record.version,
        state=Raw(_ENCODER.encode(_state(told))),
        cause=told.cause,
    )


def told_record(version: int, data: Mapping[str, Any]) -> PathwayRecord:
    """The record that an event on the topic stands for."""
    if "credentials" not in data:
        return PathwayRecord(data["learner_id"], version, None)
    unlocked = [Unlocked(each["credential"], each["unlocked"]) for each in data["credentials"]]
    return PathwayRecord(data["learner_id"], version, digest_of(data["provider_id"], unlocked))


def _state(told: ToldPathway) -> _Pathway | _EndedPathway:
    change = told.change
    if change.provider_id is None:
        return _EndedPathway(region=change.region, learner_id=change.record.learner_id)
    return _Pathway(
        region=change.region,
        learner_id=change.record.learner_id,
        provider_id=change.provider_id,
        credentials=[_Unlocked(each.credential, each.unlocked) for each in change.unlocked],
        policy_version=told.policy_version,
        day=told.day,
        as_of=told.as_of,
    )
