"""The past of a pair as it is stored, and the pair explained by what was so then."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import convert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from matching.adapters.catalog_repository import catalog_of
from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.learner_events import LearnerRead
from matching.adapters.match_repository import ranked
from matching.adapters.match_tables import MatchRow
from matching.adapters.opening_events import OpeningRead
from matching.adapters.past_tables import CatalogPastRow, MatchPastRow, RulesPastRow, SubjectPastRow
from matching.adapters.policy_tables import PolicyRow
from matching.adapters.subject_tables import SubjectRow
from matching.domain.explanation.findings import Explanation, ShortlistPlace, explain, place_on
from matching.domain.explanation.pair_past import AsOf, PairPast, PastRules, PastState, PublishedEvent
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.region.state import Ending
from matching.domain.rules.matches import RankedMatch
from matching.domain.rules.profile import Rules
from reference.places import load_places

#: Of one subject or pair, the newest. Who changes more often than this within the days that are kept sees a shorter past.
MOST_STATES = 2000
HEAD = ("version", "region", "ending", "applied_at", "happened_at", "event_id")
PUBLISHED = ("version", "live", "document", "learner_version", "catalog_offset", "applied_at")


@dataclass(frozen=True, slots=True)
class PastExplanation:
    """A pair as it was: `explained` and `place` are None where the opening or the learner was not known then."""

    as_of: AsOf
    explained: Explanation | None
    place: ShortlistPlace | None


async def pair_past(session: AsyncSession, clock: Clock, keep_days: int, opening_id: str, learner_id: str) -> PairPast | None:
    """None when the opening is not known, or the learner is unknown or erased."""
    opening = (
        await session.exec(select(SubjectRow).where(SubjectRow.kind == "opening", SubjectRow.subject_id == opening_id))
    ).first()
    learner_states = await _states(session, "learner", learner_id)
    if opening is None or not learner_states or await _is_erased(session, learner_id):
        return None
    rules = await _rules(session, opening.partition)
    kept_from = clock.now() - timedelta(days=keep_days)
    return PairPast(
        region=opening.region,
        opening=await _states(session, "opening", opening_id),
        learner=learner_states,
        matches=await _published(session, opening_id, learner_id),
        rules=rules,
        since=max(rules[0].at, kept_from) if rules and keep_days else None,
    )


async def explained_then(session: AsyncSession, past: PairPast, pair: tuple[str, str], as_of: AsOf) -> PastExplanation:
    """The pair judged by the states, the catalog, the policy and the date of then."""
    opening = await _document(session, "opening", pair[0], as_of.opening)
    learner = await _document(session, "learner", pair[1], as_of.learner)
    if opening is None or learner is None or as_of.opening is None or as_of.learner is None:
        return PastExplanation(as_of, None, None)
    rules = await _rules_then(session, as_of.rules)
    listed = await _shortlist_then(session, pair[0], as_of.at)
    then = convert(opening, OpeningRead).to_domain(as_of.opening.version)
    who = convert(learner, LearnerRead).to_domain(as_of.learner.version)
    explained = await asyncio.to_thread(explain, then, who, rules)
    return PastExplanation(as_of, explained, place_on(listed, explained))


async def _is_erased(session: AsyncSession, learner_id: str) -> bool:
    here = (SubjectRow.kind == "learner", SubjectRow.subject_id == learner_id, SubjectRow.ending == Ending.ERASED.value)
    return (await session.exec(select(SubjectRow.version).where(*here))).first() is not None


async def _states(session: AsyncSession, kind: str, subject_id: str) -> list[PastState]:
    """By version."""
    found: list[PastState] = []
    for table in (SubjectPastRow, SubjectRow):
        query = select(*(getattr(table, name) for name in HEAD)).where(table.kind == kind, table.subject_id == subject_id)
        newest = query.order_by(col(table.version).desc()).limit(MOST_STATES)
        for version, region, ending, *rest in (await session.exec(newest)).all():
            found.append(PastState(version, region, ending is not None, *rest))
    return sorted(found, key=lambda each: each.version)


async def _published(session: AsyncSession, opening_id: str, learner_id: str) -> list[PublishedEvent]:
    """By version."""
    found: list[PublishedEvent] = []
    for table in (MatchPastRow, MatchRow):
        query = select(*(getattr(table, name) for name in PUBLISHED))
        query = query.where(table.opening_id == opening_id, table.learner_id == learner_id)
        newest = query.order_by(col(table.version).desc()).limit(MOST_STATES)
        found.extend(_event(dict(zip(PUBLISHED, row, strict=True))) for row in (await session.exec(newest)).all())
    return sorted(found, key=lambda each: each.version)


def _event(row: Mapping[str, Any]) -> PublishedEvent:
    document = row["document"]
    return PublishedEvent(
        version=row["version"],
        applied_at=row["applied_at"],
        score=document.get("score"),
        reason=document.get("reason"),
        gate=document.get("gate"),
        unmet=tuple(document.get("unmet", ())),
        opening_version=document["opening_version"],
        learner_version=row["learner_version"],
        catalog_offset=row["catalog_offset"],
        policy_version=document["policy_version"],
        day=date.fromisoformat(document["day"]),
    )


async def _rules(session: AsyncSession, partition: int) -> list[PastRules]:
    query = select(RulesPastRow).where(RulesPastRow.partition == partition).order_by(col(RulesPastRow.at))
    rows = (await session.exec(query)).all()
    return [PastRules(row.at, row.catalog_offset, row.policy_version, row.day) for row in rows]


async def _document(session: AsyncSession, kind: str, subject_id: str, state: PastState | None) -> dict[str, Any] | None:
    if state is None:
        return None
    for table in (SubjectRow, SubjectPastRow):
        query = select(table.document).where(table.kind == kind, table.subject_id == subject_id)
        found = (await session.exec(query.where(table.region == state.region, table.version == state.version))).first()
        if found is not None:
            return dict(found)
    return None


async def _rules_then(session: AsyncSession, rules: PastRules) -> Rules:
    policy = (await session.exec(select(PolicyRow).where(PolicyRow.version == rules.policy_version))).first()
    numbers = Policy() if policy is None else Policy.from_dict(policy.document)
    return Rules(await _catalog_then(session, rules.catalog_offset), numbers, load_places(), rules.day)


async def _catalog_then(session: AsyncSession, offset: int) -> MarketCatalog:
    """A definition that was replaced later holds before the one that replaced it; one that was written later is left out."""
    past = select(CatalogPastRow).where(CatalogPastRow.replaced > offset, _written_by(CatalogPastRow.written, offset))
    replaced = {row.subject: row.document for row in (await session.exec(past)).all()}
    present = select(CatalogRow).where(_written_by(CatalogRow.written, offset))
    current = {row.subject: row.document for row in (await session.exec(present)).all()}
    return catalog_of(sorted((current | replaced).items()))


def _written_by(written: Any, offset: int) -> Any:
    return or_(col(written).is_(None), col(written) <= offset)


async def _shortlist_then(session: AsyncSession, opening_id: str, at: datetime) -> Sequence[RankedMatch]:
    """The matches of an opening that were live at a moment, best first."""
    begun = [or_(col(table.applied_at).is_(None), col(table.applied_at) <= at) for table in (MatchPastRow, MatchRow)]
    was, lives = (MatchPastRow.opening_id == opening_id, col(MatchPastRow.live)), (MatchRow.opening_id, col(MatchRow.live))
    past = select(MatchPastRow).where(*was, MatchPastRow.superseded_at > at, begun[0])
    now = select(MatchRow).where(lives[0] == opening_id, lives[1], begun[1])
    return ranked([*(await session.exec(past)).all(), *(await session.exec(now)).all()])
