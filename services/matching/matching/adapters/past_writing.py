"""Keeps what a batch replaces, in the transaction that replaces it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Protocol, cast

from sqlalchemy import Table, delete
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import Row, insert_missing
from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.match_repository import TICK
from matching.adapters.match_tables import MatchRow
from matching.adapters.past_copying import copy_rows
from matching.adapters.past_tables import CatalogPastRow, MatchPastRow, RulesPastRow, SubjectPastRow
from matching.adapters.subject_repository import subject_row
from matching.adapters.subject_tables import SubjectRow
from matching.application.settling import BatchOutcome, TakenSubject
from matching.domain.region.state import Ending
from matching.domain.rules.matches import WithdrawalReason

KINDS = ("opening", "learner")
SUBJECT_KEY, PAIR_KEY = ("kind", "region", "subject_id"), ("opening_id", "learner_id")
MOST_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class RulesInUse:
    """The rules that a partition's markets go by."""

    catalog_offset: int
    policy_version: int
    day: date


class Moments(Protocol):
    """A clock."""

    def now(self) -> datetime: ...


class PastKeeper:
    """Keeps the past of one partition number. Every batch has a moment of its own, later than the one before, and a tick after
    it for what follows from a day that began with it."""

    def __init__(self, partition: int, clock: Moments, is_kept: bool) -> None:
        self._partition, self._clock, self._is_kept = partition, clock, is_kept
        self._rules: RulesInUse | None = None
        self._last: datetime | None = None

    async def load(self, session: AsyncSession) -> None:
        """The rules that were noted last, and the last moment of an owner before, whose clock may be ahead of this one's."""
        query = select(RulesPastRow).where(RulesPastRow.partition == self._partition).order_by(col(RulesPastRow.at).desc())
        row = (await session.exec(query.limit(1))).first()
        if row is not None:
            self._rules = RulesInUse(row.catalog_offset, row.policy_version, row.day)
        moments = [None if row is None else row.at]
        for table in (SubjectRow, MatchRow) if self._is_kept else ():
            newest = select(func.max(table.applied_at)).where(col(table.partition) == self._partition)
            moments.append((await session.exec(newest)).one())
        self._last = max((each for each in moments if each is not None), default=None)

    def moment(self) -> datetime:
        """Now, or just after the last one where the clock has not moved on."""
        now = self._clock.now()
        self._last = now if self._last is None else max(now, self._last + 2 * TICK)
        return self._last

    async def keep(
        self, session: AsyncSession, outcome: BatchOutcome, matches: Sequence[Row], rules: RulesInUse, at: datetime
    ) -> None:
        """Call it before the batch replaces anything; `matches` are the rows that it will write."""
        if self._is_kept:
            if outcome.ended is not None:
                await self._keep_rules(session, replace(rules, day=outcome.ended.day), at)
            await self._keep_rules(session, rules, at if outcome.ended is None else at + TICK)
            await self._keep_subjects(session, outcome.taken, at)
            await self._keep_matches(session, outcome, matches)
        await forget_learners(session, await self._erased(session, outcome))

    async def _keep_rules(self, session: AsyncSession, rules: RulesInUse, at: datetime) -> None:
        """What is not committed is thrown away with this object."""
        if rules != self._rules:
            self._rules = rules
            here = {"partition": self._partition, "at": at, "catalog_offset": rules.catalog_offset}
            row = here | {"policy_version": rules.policy_version, "day": rules.day}
            await insert_missing(session, RulesPastRow, [row], ["partition", "at"])

    async def _keep_subjects(self, session: AsyncSession, taken: Sequence[TakenSubject], at: datetime) -> None:
        """Beside the states that were stored, those that this batch itself has replaced."""
        newest = {(each.kind, each.region, each.subject_id): each for each in taken if each.kind in KINDS}
        keys = [dict(zip(SUBJECT_KEY, key, strict=True)) for key, each in newest.items() if each.version > 1]
        await copy_rows(session, SubjectRow, SubjectPastRow, keys, {"superseded_at": at})
        if len(newest) == len(taken):
            return
        between = [each for each in taken if each.kind in KINDS and newest[each.kind, each.region, each.subject_id] is not each]
        rows = [subject_row(self._partition, each, at) | {"superseded_at": at} for each in between]
        await _insert(session, SubjectPastRow, rows)

    async def _keep_matches(self, session: AsyncSession, outcome: BatchOutcome, matches: Sequence[Row]) -> None:
        """Nothing of a learner who was erased."""
        changes = zip(matches, outcome.matches, strict=True)
        kept = [row for row, each in changes if each.change.reason is not WithdrawalReason.ERASED]
        pair_of = itemgetter(*PAIR_KEY)
        newest, oldest = {pair_of(row): row for row in kept}, {pair_of(row): row for row in reversed(kept)}
        for at in {row["applied_at"] for row in oldest.values()}:
            replacing = [row for row in oldest.values() if row["applied_at"] == at and row["version"] > 1]
            keys = [{name: row[name] for name in PAIR_KEY} for row in replacing]
            await copy_rows(session, MatchRow, MatchPastRow, keys, {"superseded_at": at})
        if len(newest) < len(kept):
            between = [row for row in kept if newest[pair_of(row)] is not row]
            rows = [{**row, "superseded_at": newest[pair_of(row)]["applied_at"]} for row in between]
            await _insert(session, MatchPastRow, rows)

    async def _erased(self, session: AsyncSession, outcome: BatchOutcome) -> set[str]:
        """The learners whom this batch erases, and those who leave here and were erased elsewhere."""
        ended = [each for each in outcome.taken if each.kind == "learner" and each.subject is None]
        erased = {each.subject_id for each in ended if each.ending is Ending.ERASED}
        gone = {each.change.record.learner_id for each in outcome.matches if each.change.learner is None}
        return erased | await erased_of(session, (gone | {each.subject_id for each in ended}) - erased)


async def erased_of(session: AsyncSession, learner_ids: Collection[str]) -> set[str]:
    """Those who are erased in any region."""
    here = (SubjectRow.kind == "learner", col(SubjectRow.ending) == Ending.ERASED.value)
    found: set[str] = set()
    for some in _parts(sorted(learner_ids)):
        query = select(SubjectRow.subject_id).where(*here, col(SubjectRow.subject_id).in_(some)).distinct()
        found.update((await session.exec(query)).all())
    return found


async def forget_learners(session: AsyncSession, learner_ids: Collection[str]) -> None:
    """Delete all of the past of these learners, in every region."""
    for some in _parts(sorted(learner_ids)):
        of_learner = (SubjectPastRow.kind == "learner", col(SubjectPastRow.subject_id).in_(some))
        await session.exec(delete(SubjectPastRow).where(*of_learner))  # type: ignore[arg-type]
        await session.exec(delete(MatchPastRow).where(col(MatchPastRow.learner_id).in_(some)))


async def keep_ended_pairs(session: AsyncSession, pairs: Sequence[tuple[str, str, int]], now: datetime) -> None:
    """Keep the last events of pairs, by opening, learner and version, whose rows are about to be deleted."""
    keys = [dict(zip((*PAIR_KEY, "version"), pair, strict=True)) for pair in pairs]
    await copy_rows(session, MatchRow, MatchPastRow, keys, {"superseded_at": now})


async def keep_definitions(session: AsyncSession, rows: Sequence[Row], at: datetime) -> None:
    """Keep the definitions that newer ones are about to replace; `rows` are those that will be written, all with one count of
    definitions."""
    newest: dict[str, int] = {}
    for row in rows:
        newest[row["subject"]] = max(row["version"], newest.get(row["subject"], 0))
    stored = await _definitions(session, newest)
    replaced = rows[0]["written"] if rows else 0
    await _insert(session, CatalogPastRow, [each | {"replaced": replaced, "superseded_at": at} for each in stored])


async def _definitions(session: AsyncSession, versions: Mapping[str, int]) -> list[dict[str, Any]]:
    """The stored ones of these that are older than these versions."""
    query = select(CatalogRow)
    found = [
        row
        for some in _parts(sorted(versions))
        for row in (await session.exec(query.where(col(CatalogRow.subject).in_(some)))).all()
    ]
    return [row.model_dump() for row in found if row.version < versions[row.subject]]


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + MOST_AT_ONCE] for start in range(0, len(ids), MOST_AT_ONCE)]


async def _insert(session: AsyncSession, table: type, rows: Sequence[dict[str, Any]]) -> None:
    declared = cast(Table, table.__table__)  # type: ignore[attr-defined]
    names = {each.name for each in declared.c}
    keys = [each.name for each in declared.primary_key.columns]
    await insert_missing(session, table, [{name: row[name] for name in row if name in names} for row in rows], keys)
