"""From a settlement to the events that tell of it."""

from msgspec import Raw

from contracts.matching import CellIndicators
from contracts.topics import CANDIDATE_MATCH, SKILL_SHORTAGE
from makersync.effects.outbox import NewEvent
from matching.adapters.documents import shortage_state
from matching.application.partition_market import ToldMatch, ToldSignal

_MATCH_KINDS = {"proposed": "MatchProposed", "revised": "MatchRevised", "withdrawn": "MatchWithdrawn"}


def match_event(told: ToldMatch, document: Raw) -> NewEvent:
    """One event of a pair; its subject is `<opening id>/<learner id>`."""
    record = told.change.record
    return NewEvent(
        topic=CANDIDATE_MATCH,
        kind=_MATCH_KINDS[told.change.kind.value],
        subject=f"{record.opening_id}/{record.learner_id}",
        region=told.region,
        version=record.version,
        state=document,
        cause=told.cause,
    )


def signal_event(told: ToldSignal, indicators: CellIndicators | None = None) -> NewEvent:
    """One event of a cell; its subject is the cell's."""
    signal = told.signal
    return NewEvent(
        topic=SKILL_SHORTAGE,
        kind=f"Shortage{signal.kind.value.capitalize()}",
        subject=signal.subject,
        region=signal.region,
        version=signal.version,
        state=shortage_state(told, indicators),
        cause=told.cause,
    )
