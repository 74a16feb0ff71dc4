"""Match and cell records as the documents that are stored and published, and back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import Raw, Struct

from contracts.matching import CellIndicators, ShortageState
from matching.application.partition_market import ToldMatch, ToldSignal
from matching.domain.cells.cell import CellMeasure, CellRecord, Level, Signal, SignalKind
from matching.domain.market.subjects import Evidence
from matching.domain.region.match_versions import facts_digest
from matching.domain.rules.matches import MatchBasis, MatchFacts, OutcomeOfGroup, ScoreParts, StoredMatch


class _Components(Struct, omit_defaults=True):
    preferred: int | None = None
    trainable: int | None = None
    evidence: int | None = None


class _Outcome(Struct, omit_defaults=True):
    id: str
    met: bool
    awards: tuple[str, ...]
    evidence: Evidence | None = None


class _Match(Struct, omit_defaults=True, kw_only=True):
    """The contract's `MatchState`, for writing it by the thousand."""

    region: str
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    score: int
    components: _Components
    groups: list[_Outcome]
    seeking_since: date | None = None
    unknown: tuple[str, ...]
    opening_version: int
    learner_version: int
    groups_digest: str
    awards_digest: str
    policy_version: int
    day: date


class _EndedMatch(Struct, kw_only=True):
    """The contract's `MatchEnded`."""

    region: str
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    reason: str
    opening_version: int
    policy_version: int
    day: date


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Match)


def match_document(told: ToldMatch) -> Raw:
    """A match, live or ended, as it is stored and published (MARKET.md section 10)."""
    return Raw(_ENCODER.encode(_live(told) if told.change.record.live else _ended(told)))


def _live(told: ToldMatch) -> _Match:
    change, record, facts = told.change, told.change.record, told.change.record.facts
    parts = facts.components
    return _Match(
        region=told.region,
        opening_id=record.opening_id,
        learner_id=record.learner_id,
        employer_id=told.parties.employer_id,
        provider_id=told.parties.provider_id,
        score=facts.score,
        components=_Components(parts.preferred, parts.trainable, parts.evidence),
        groups=[_Outcome(each.id, each.met, each.awards, each.evidence) for each in facts.outcomes],
        seeking_since=facts.seeking_since,
        unknown=told.unknown,
        opening_version=change.opening_version or 0,
        learner_version=change.learner_version or 0,
        groups_digest=record.basis.groups_digest,
        awards_digest=record.basis.awards_digest,
        policy_version=change.policy_version,
        day=change.day,
    )


def _ended(told: ToldMatch) -> _EndedMatch:
    change = told.change
    assert change.reason is not None
    return _EndedMatch(
        region=told.region,
        opening_id=change.record.opening_id,
        learner_id=change.record.learner_id,
        employer_id=told.parties.employer_id,
        provider_id=told.parties.provider_id,
        reason=change.reason.value,
        opening_version=change.opening_version or 0,
        policy_version=change.policy_version,
        day=change.day,
    )


def shortage_state(told: ToldSignal, indicators: CellIndicators | None = None) -> ShortageState:
    """A signal as published (MARKET.md section 13)."""
    signal, measure = told.signal, told.signal.measure
    return ShortageState.model_validate(
        {
            "region": signal.region,
            "subject": signal.subject,
            "level": signal.level.word,
            "previous_level": told.previous_level,
            "policy_version": signal.policy_version,
            "day": signal.day,
            **{name: getattr(measure, name) for name in CellMeasure.__dataclass_fields__},
            "indicators": indicators,
        }
    )


def facts_of(document: Mapping[str, Any]) -> MatchFacts:
    """The facts of a live match's document; of an ended one, none."""
    if "score" not in document:
        return NO_FACTS
    parts = document.get("components", {})
    return MatchFacts(
        score=document["score"],
        components=ScoreParts(parts.get("preferred"), parts.get("trainable"), parts.get("evidence")),
        outcomes=tuple(_outcome(entry) for entry in document["groups"]),
        seeking_since=_day(document.get("seeking_since")),
    )


NO_FACTS = MatchFacts(0, ScoreParts(None, None, None), (), None)


def stored_match(opening_id: str, learner_id: str, version: int, document: str | bytes) -> StoredMatch:
    """What a market keeps of the live match that a stored document stands for."""
    match = _DECODER.decode(document)
    parts = match.components
    facts = MatchFacts(
        score=match.score,
        components=ScoreParts(parts.preferred, parts.trainable, parts.evidence),
        outcomes=tuple([OutcomeOfGroup(each.id, each.met, each.evidence, each.awards) for each in match.groups]),
        seeking_since=match.seeking_since,
    )
    basis = MatchBasis(match.opening_version, match.groups_digest, match.awards_digest)
    return StoredMatch(opening_id, learner_id, version, facts_digest(facts), basis)


def _outcome(entry: Mapping[str, Any]) -> OutcomeOfGroup:
    evidence = entry.get("evidence")
    return OutcomeOfGroup(entry["id"], entry["met"], Evidence(evidence) if evidence else None, tuple(entry.get("awards", ())))


def signal_document(signal: Signal) -> dict[str, Any]:
    """A signal as stored in its cell's row."""
    measure = {name: getattr(signal.measure, name) for name in CellMeasure.__dataclass_fields__}
    return {
        "version": signal.version,
        "kind": signal.kind.value,
        "level": signal.level.word,
        "measure": measure | {"top_credentials": list(signal.measure.top_credentials)},
        "policy_version": signal.policy_version,
        "day": signal.day.isoformat(),
    }


def cell_record(region: str, subject: str, level: str, previous: str | None, signal: Mapping[str, Any] | None) -> CellRecord:
    """The record that a stored cell stands for."""
    return CellRecord(
        region,
        subject,
        Level.of(level),
        Level.of(previous) if previous else None,
        None if signal is None else _signal(region, subject, signal),
    )


def _signal(region: str, subject: str, document: Mapping[str, Any]) -> Signal:
    measure = CellMeasure(**(document["measure"] | {"top_credentials": tuple(document["measure"]["top_credentials"])}))
    return Signal(
        region,
        subject,
        document["version"],
        SignalKind(document["kind"]),
        Level.of(document["level"]),
        measure,
        document["policy_version"],
        date.fromisoformat(document["day"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
