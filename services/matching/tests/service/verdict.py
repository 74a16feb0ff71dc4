"""What must be true when a schedule has come to rest: the law of MARKET.md section 10, read from the topics alone."""

from collections.abc import Iterable, Mapping
from typing import Any

from past_verdict import verify_past
from schedules import Schedule
from sqlmodel import select

from contracts.topics import CANDIDATE_MATCH, PATHWAY, REACH, SKILL_SHORTAGE
from makersync.broker.port import Record
from makersync.envelope import Event, decode
from makersync.store.tables import DeadLetterRow
from makersync.topic import Topic
from matching.adapters.cell_tables import CellRow
from matching.adapters.draft_tables import AskedDraftRow
from matching.adapters.match_events import facts_of
from matching.adapters.match_tables import MatchRow
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.reach_events import record_of_event
from matching.adapters.reach_tables import PublishedCountsRow
from matching.domain.cells.measuring import level_after
from matching.domain.cells.shortage_cell import Cell, Level
from matching.domain.evaluation.reach import evaluate_reach
from matching.domain.evaluation.reference import Evaluation, evaluate
from matching.domain.market.subjects import MarketOpening
from matching.domain.pathways.unlocking import Unlocked, summed
from matching.domain.reach.disclosure_control import told_of
from matching.domain.reach.published import digest_of
from reference.places import load_places

MOVED = ("demand", "supply", "pipeline", "blocked")


async def verify(schedule: Schedule) -> Evaluation:
    """Raises AssertionError; returns what the end of the schedule evaluates to."""
    expected = evaluate(schedule.news.market(), load_places())
    matches, signals, pathways = (told(schedule, topic) for topic in (CANDIDATE_MATCH, SKILL_SHORTAGE, PATHWAY))
    async with schedule.store.reading() as session:
        assert [(row.topic, row.detail) for row in (await session.exec(select(DeadLetterRow))).all()] == []
        pairs, cells = (await session.exec(select(MatchRow))).all(), (await session.exec(select(CellRow))).all()
        lists = (await session.exec(select(PathwayRow))).all()
    live = {(m.opening_id, m.learner_id): m.facts.revising for m in expected.matches}
    assert live_facts(matches.values()) == live, "the published matches are not those of the evaluation"
    assert {f"{row.region}/{row.opening_id}/{row.learner_id}": row.version for row in pairs} == versions(matches)
    assert {f"{row.region}/{row.subject}": row.version for row in cells if row.version} == versions(signals)
    verify_signals(signals, expected, cells, schedule)
    assert {f"{row.region}/{row.learner_id}": row.version for row in lists} == versions(pathways)
    openings = {each.opening_id: each for each in schedule.news.market().openings}
    everything = {learner_id: {each.credential: each for each in path} for learner_id, path in expected.pathways.items()}
    assert unlocked(pathways.values(), openings) == everything, "the published pathways are not those of the evaluation"
    await verify_reach(schedule)
    await verify_past(schedule)
    return expected


async def verify_reach(schedule: Schedule) -> None:
    """Of each live opening the counts of now are told, and of each draft that is asked about an answer to this version."""
    newest, news = told(schedule, REACH), schedule.news
    async with schedule.store.reading() as session:
        rows = (await session.exec(select(PublishedCountsRow))).all()
        waiting = (await session.exec(select(AskedDraftRow).where(AskedDraftRow.waits))).all()
    assert waiting == []
    assert {f"{row.region}/{row.subject_id}": row.version for row in rows} == versions(newest)
    live = {event.subject: event for event in newest.values() if event.type.endswith("Counted")}
    asked = {name for name, document in news.drafts.items() if document is not None}
    expected = evaluate_reach(news.market(), load_places())
    found = {name: record_of_event(1, event.data, is_draft=False) for name, event in live.items() if name not in news.drafts}
    counted = {
        name: digest_of(news.openings[name]["employer_id"], news.versions[name], told_of(counts))
        for name, counts in expected.items()
    }
    assert {name: record.digest for name, record in found.items()} == counted, "the published counts are not the evaluation's"
    assert {name: live[name].data["subject_version"] for name in live.keys() & news.drafts.keys()} == {
        name: news.versions[name] for name in asked
    }


def told(schedule: Schedule, topic: Topic) -> dict[str, Event]:
    """The newest event of each key; the versions of every key must be in order, complete, and each with one event."""
    by_key: dict[str, list[Event]] = {}
    for record in schedule.broker.records(topic.name):
        by_key.setdefault(_key(record), []).append(decode(record.value))
    for key, events in by_key.items():
        first_told = list(dict.fromkeys(event.version for event in events))
        assert first_told == list(range(1, len(first_told) + 1)), f"{topic.name} {key} has versions {first_told}"
        assert len({event.id for event in events}) == len(first_told), f"{topic.name} {key}: two events of one version"
    return {key: events[-1] for key, events in by_key.items()}


def _key(record: Record) -> str:
    assert record.key is not None
    return record.key.decode()


def versions(newest: dict[str, Event]) -> dict[str, int]:
    return {key: event.version for key, event in newest.items()}


def live_facts(events: Iterable[Event]) -> dict[tuple[str, str], tuple[object, ...]]:
    live = [event.data for event in events if not event.type.endswith("Withdrawn")]
    return {(data["opening_id"], data["learner_id"]): facts_of(data).revising for data in live}


def unlocked(events: Iterable[Event], openings: Mapping[str, MarketOpening]) -> dict[str, dict[str, Unlocked]]:
    """By learner and credential, the lists of all regions together; learners with none are left out."""
    lists: dict[str, list[list[Unlocked]]] = {}
    for event in events:
        if listed := event.data.get("credentials"):
            told = [Unlocked(each["credential"], each["unlocked"], tuple(each["openings"])) for each in listed]
            lists.setdefault(event.subject, []).append(told)
    return {learner_id: {each.credential: each for each in summed(told, openings)} for learner_id, told in lists.items()}


def verify_signals(signals: dict[str, Event], expected: Evaluation, rows: Iterable[CellRow], schedule: Schedule) -> None:
    """Each signal's level is its cell's, which follows from the evaluation and yesterday; components are within a tenth."""
    stored = {f"{row.region}/{row.subject}": row for row in rows}
    cells = {f"{cell.region}/{cell.subject}": cell for cell in expected.cells}
    for key in stored.keys() | cells.keys() | signals.keys():
        level = _level(cells.get(key), stored.get(key), schedule)
        assert (signals[key].data["level"] if key in signals else "insufficient_data") == level.word, key
        if level != Level.INSUFFICIENT_DATA:
            assert signals[key].data["level_ahead"] == cells[key].level_ahead.word, key
            _verify_components(signals[key].data, cells[key])


def _level(cell: Cell | None, row: CellRow | None, schedule: Schedule) -> Level:
    if cell is None:
        return Level.INSUFFICIENT_DATA
    yesterday = Level.of(row.previous_level) if row is not None and row.previous_level else None
    return level_after(yesterday, cell.measure, schedule.news.policy)


def _verify_components(told: dict[str, Any], cell: Cell) -> None:
    for name in MOVED:
        assert 10 * abs(getattr(cell.measure, name) - told[name]) <= told[name], f"{cell.subject} {name}"
