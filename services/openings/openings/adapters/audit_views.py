"""What this service stores, in the form of the events, so that it can be compared with the log."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import (
    CANDIDATE_MATCH,
    CATALOG,
    DRAFT,
    INTRODUCTION_ANSWER,
    INTRODUCTION_REQUEST,
    OPENING,
    PROVIDER,
    PROVIDER_PARTITION_KEY,
    REACH,
)
from makersync.effects.audit_report import AuditView, StatedVersion
from makersync.store.paging import paged
from openings.adapters.catalog_tables import CompetencyCopyRow, CredentialCopyRow
from openings.adapters.introduction_events import request_state
from openings.adapters.introduction_rows import introduction_of
from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.adapters.opening_events import opening_facts
from openings.adapters.opening_repository import opening_of
from openings.adapters.opening_tables import OpeningRow
from openings.adapters.provider_tables import ProviderCopyRow
from openings.adapters.reach_tables import DraftRow, ReachRow
from openings.adapters.shortlist_tables import ShortlistRow


async def openings(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, OpeningRow):
        state = opening_facts(opening_of(row)).model_dump(mode="json", exclude_none=True)
        yield StatedVersion(OPENING.name, f"{row.region}/{row.opening_id}", row.version, state)


async def catalog_copy(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for competency in paged(session, CompetencyCopyRow):
        state = {"id": competency.id, "name": competency.name}
        yield StatedVersion(CATALOG.name, f"catalog/competency/{competency.id}", competency.version, state)
    async for row in paged(session, CredentialCopyRow):
        definition = {"id": row.id, "name": row.name, "issuer": row.issuer, "aliases": row.aliases}
        yield StatedVersion(CATALOG.name, f"catalog/credential/{row.id}", row.version, definition)


async def shortlists(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    """The key of a pair begins with the region of its opening."""
    pairs = select(ShortlistRow, OpeningRow.region).join(OpeningRow, col(OpeningRow.opening_id) == ShortlistRow.opening_id)
    for row, region in (await session.exec(pairs)).all():
        key = f"{region}/{row.opening_id}/{row.learner_id}"
        yield StatedVersion(CANDIDATE_MATCH.name, key, row.version, stated_match(row) if row.live else None)


def stated_match(row: ShortlistRow) -> Mapping[str, Any]:
    return {
        "opening_id": row.opening_id,
        "learner_id": row.learner_id,
        "provider_id": row.provider_id,
        "score": row.score,
        "components": row.components,
        "groups": row.outcomes,
        "awards": row.awards,
        "seeking_since": row.seeking_since and row.seeking_since.isoformat(),
        "unknown": row.unknown,
        "opening_version": row.opening_version,
        "learner_version": row.learner_version,
        "policy_version": row.policy_version,
        "day": row.day.isoformat(),
    }


async def introductions(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, IntroductionRequestRow):
        state = request_state(introduction_of(row, None)).model_dump(mode="json", exclude_none=True)
        yield StatedVersion(INTRODUCTION_REQUEST.name, f"{row.region}/{row.introduction_id}", row.version, state)


async def answers(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    said = ("introduction_id", "opening_id", "learner_id", "employer_id", "provider_id", "provider_name")
    decided = ("status", "reason", "answered_by", "hire")
    async for row in paged(session, ReceivedAnswerRow):
        state = {name: getattr(row, name) for name in (*said, *decided)}
        yield StatedVersion(INTRODUCTION_ANSWER.name, f"{row.region}/{row.introduction_id}", row.version, state)


async def drafts(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, DraftRow):
        yield StatedVersion(DRAFT.name, f"{row.region}/{row.draft_id}", row.version, row.state)


async def reach(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, ReachRow):
        ids = {"subject_id": row.subject_id, "employer_id": row.employer_id}
        state = None if row.counted is None else ids | {name: row.counted[name] for name in row.counted if name != "as_of"}
        yield StatedVersion(REACH.name, f"{row.region}/{row.subject_id}", row.version, state)


async def provider_copies(session: AsyncSession) -> AsyncIterator[StatedVersion]:
    async for row in paged(session, ProviderCopyRow):
        state = {"provider_id": row.provider_id, "name": row.name}
        yield StatedVersion(PROVIDER.name, f"{PROVIDER_PARTITION_KEY}/{row.provider_id}", row.version, state)


VIEWS = (
    AuditView("openings: its openings", (OPENING.name,), openings),
    AuditView("openings: its copy of the catalog", (CATALOG.name,), catalog_copy),
    AuditView("openings: shortlists", (CANDIDATE_MATCH.name,), shortlists),
    AuditView("openings: introductions", (INTRODUCTION_REQUEST.name,), introductions),
    AuditView("openings: answers to introductions", (INTRODUCTION_ANSWER.name,), answers),
    AuditView("openings: drafts", (DRAFT.name,), drafts),
    AuditView("openings: how many learners are reached", (REACH.name,), reach),
    AuditView("openings: its copy of providers' names", (PROVIDER.name,), provider_copies),
)
