"""Matches as the documents that are stored and published (MARKET.md section 10), and back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import Raw, Struct

from contracts.topics import CANDIDATE_MATCH
from contracts.vocabulary import Evidence
from makersync.effects.outbox import NewEvent
from matching.application.settling import MatchAnnouncement
from matching.domain.region.match_versions import facts_digest
from matching.domain.rules.matches import NO_FACTS, AwardBehind, MatchBasis, MatchFacts, OutcomeOfGroup, ScoreParts, StoredMatch


class _MatchStateDocument(Struct, omit_defaults=True, kw_only=True):
    """The contract's `MatchState` for msgspec: this service reads and writes millions of matches, and pydantic takes many times
    as long."""

    region: str
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    score: int
    components: ScoreParts
    groups: tuple[OutcomeOfGroup, ...]
    awards: tuple[AwardBehind, ...] = ()
    seeking_since: date | None = None
    unknown: tuple[str, ...]
    opening_version: int
    learner_version: int
    groups_digest: str
    awards_digest: str
    policy_version: int
    day: date


class _MatchEndedDocument(Struct, omit_defaults=True, kw_only=True):
    """The contract's `MatchEnded` for msgspec."""

    region: str
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    reason: str
    gate: str | None = None
    unmet: tuple[str, ...] = ()
    opening_version: int
    policy_version: int
    day: date


_ENCODER = msgspec.json.Encoder()

_DECODER = msgspec.json.Decoder(_MatchStateDocument)


def match_document(announced: MatchAnnouncement) -> Raw:
    """A match, live or ended, as it is stored and published (MARKET.md section 10)."""
    return Raw(_ENCODER.encode(_live(announced) if announced.change.record.live else _ended(announced)))


def _live(announced: MatchAnnouncement) -> _MatchStateDocument:
    change, record, facts = announced.change, announced.change.record, announced.change.record.facts
    return _MatchStateDocument(
        region=announced.region,
        opening_id=record.opening_id,
        learner_id=record.learner_id,
        employer_id=announced.parties.employer_id,
        provider_id=announced.parties.provider_id,
        score=facts.score,
        components=facts.components,
        groups=facts.outcomes,
        awards=facts.awards,
        seeking_since=facts.seeking_since,
        unknown=announced.unknown,
        opening_version=change.opening_version or 0,
        learner_version=change.learner_version or 0,
        groups_digest=record.basis.groups_digest,
        awards_digest=record.basis.awards_digest,
        policy_version=change.policy_version,
        day=change.day,
    )


def _ended(announced: MatchAnnouncement) -> _MatchEndedDocument:
    change = announced.change
    assert change.reason is not None
    return _MatchEndedDocument(
        region=announced.region,
        opening_id=change.record.opening_id,
        learner_id=change.record.learner_id,
        employer_id=announced.parties.employer_id,
        provider_id=announced.parties.provider_id,
        reason=change.reason.value,
        gate=change.gate,
        unmet=change.unmet,
        opening_version=change.opening_version or 0,
        policy_version=change.policy_version,
        day=change.day,
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
        awards=tuple(_award(entry) for entry in document.get("awards", ())),
    )


def stored_match(opening_id: str, learner_id: str, version: int, document: str | bytes) -> StoredMatch:
    """What a market keeps of the live match that a stored document stands for."""
    match = _DECODER.decode(document)
    facts = MatchFacts(match.score, match.components, match.groups, match.seeking_since, match.awards)
    basis = MatchBasis(match.opening_version, match.groups_digest, match.awards_digest)
    return StoredMatch(opening_id, learner_id, version, facts_digest(facts), basis)


def _outcome(entry: Mapping[str, Any]) -> OutcomeOfGroup:
    evidence = entry.get("evidence")
    return OutcomeOfGroup(entry["id"], entry["met"], tuple(entry.get("awards", ())), Evidence(evidence) if evidence else None)


def _award(entry: Mapping[str, Any]) -> AwardBehind:
    return AwardBehind(entry["award_id"], entry["credential"], _day(entry.get("expires_on")))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


_MATCH_KINDS = {"proposed": "MatchProposed", "revised": "MatchRevised", "withdrawn": "MatchWithdrawn"}


def match_event(announced: MatchAnnouncement, document: Raw) -> NewEvent:
    """One event of a pair; its subject is `<opening id>/<learner id>`."""
    record = announced.change.record
    return NewEvent(
        topic=CANDIDATE_MATCH,
        kind=_MATCH_KINDS[announced.change.kind.value],
        subject=f"{record.opening_id}/{record.learner_id}",
        region=announced.region,
        version=record.version,
        state=document,
        cause=announced.cause,
    )
