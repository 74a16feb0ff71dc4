"""An explanation as a plain document, ready for JSON: what the operators' route and the commands answer with."""

from collections.abc import Mapping
from dataclasses import asdict

from matching.adapters.market_file.writing import Document, group_document, learner_document, outcome_document
from matching.domain.explanation.cheapest_change import Barrier, CheapestChange, GateChange, OpeningChange
from matching.domain.explanation.findings import (
    AlternativeFinding,
    AwardFinding,
    ComponentFinding,
    Explanation,
    GroupFinding,
    HoldingFinding,
    ScoreFinding,
    ShortlistPlace,
)
from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.gates import GateFinding, GateValue


def explanation_document(explained: Explanation, place: ShortlistPlace) -> Document:
    """Everything that a reader needs to judge again by hand."""
    return {
        "opening_id": explained.opening.opening_id,
        "learner_id": explained.learner.learner_id,
        "day": explained.day.isoformat(),
        "policy_version": explained.policy.version,
        "qualified": explained.qualified,
        "reason": explained.reason,
        "opening": _opening(explained.opening, explained.barriers),
        "unmet_groups": list(explained.unmet),
        "gates": [_gate(found) for found in explained.gates],
        "groups": [_group(found) for found in explained.groups],
        "awards": _awards(explained),
        "holdings": [_holding(found) for found in explained.holdings],
        "components": [_component(found) for found in explained.components],
        "score": _score(explained.score),
        "shortlist": _place(place),
        "change": _change(explained.change),
    }


def _opening(opening: MarketOpening, barriers: tuple[Barrier, ...]) -> Document:
    return {
        "live": not barriers,
        "barriers": [each.value for each in barriers],
        "status": opening.status.value,
        "remaining": opening.remaining,
        "closes_on": opening.closes_on.isoformat() if opening.closes_on else None,
        "version": opening.version,
    }


def _gate(found: GateFinding) -> Document:
    values = {name: _value(value) for name, value in found.values.items()}
    return {"gate": found.gate.value, "verdict": found.verdict.value, "values": values}


def _value(value: GateValue) -> object:
    return list(value) if isinstance(value, tuple) else value


def _group(found: GroupFinding) -> Document:
    asked = group_document(found.group)
    forms = asked.pop("any_of")
    assert isinstance(forms, list)
    alternatives = [
        form | _alternative(finding) for form, finding in zip(forms, found.alternatives, strict=True) if isinstance(form, dict)
    ]
    return asked | outcome_document(found.outcome) | {"any_of": alternatives}


def _alternative(found: AlternativeFinding) -> Document:
    return {"held": found.held, "verified": found.verified, "through": list(found.through)}


def _awards(explained: Explanation) -> list[Document]:
    documents = learner_document(explained.learner)["awards"]
    assert isinstance(documents, list)
    return [document | _award(found) for document, found in zip(documents, explained.awards, strict=True)]


def _award(found: AwardFinding) -> Document:
    return {"in_force": found.in_force, "why_not": found.why_not, "defined": found.defined}


def _holding(found: HoldingFinding) -> Document:
    return {
        "credential": found.credential,
        "awards": list(found.awards),
        "verified_awards": list(found.verified_awards),
    }


def _component(found: ComponentFinding) -> Document:
    return asdict(found) | {"value": found.value}


def _score(found: ScoreFinding | None) -> Document | None:
    return None if found is None else asdict(found) | {"value": found.value}


def _place(place: ShortlistPlace) -> Document:
    last: Mapping[str, object] | None = None
    if place.last is not None:
        facts = place.last.facts
        since = facts.seeking_since.isoformat() if facts.seeking_since else None
        last = {"learner_id": place.last.learner_id, "score": facts.score, "seeking_since": since}
    return {"rank": place.rank, "listed": place.listed, "size": place.size, "outranked": place.outranked, "last": last}


def _change(change: CheapestChange | None) -> Document | None:
    if change is None:
        return None
    return {
        "gates": [_gate_change(each) for each in change.gates],
        "steps": [asdict(step) | {"kind": step.kind.value} for step in change.steps],
        "beyond": change.beyond.value if change.beyond else None,
        "opening": [_opening_change(each) for each in change.opening],
    }


def _opening_change(change: OpeningChange) -> Document:
    return asdict(change) | {"barrier": change.barrier.value, "comparison": change.comparison.value}


def _gate_change(change: GateChange) -> Document:
    return {
        "gate": change.gate.value,
        "field": change.field,
        "comparison": change.comparison.value,
        "value": _value(change.value),
        "possible": change.possible,
    }
