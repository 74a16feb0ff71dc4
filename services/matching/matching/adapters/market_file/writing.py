"""Markets and results as plain documents, ready for JSON (MARKET.md section 14). What is unknown is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum

from msgspec import structs

from matching.domain.cells.shortage_cell import Cell
from matching.domain.evaluation.reference import Evaluation
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.subjects import (
    Alternative,
    CompetencyAlternative,
    Market,
    MarketLearner,
    MarketOpening,
    RequirementGroup,
)
from matching.domain.pathways.unlocking import Unlocked
from matching.domain.rules.matches import OutcomeOfGroup, RankedMatch, ScoreParts

Document = dict[str, object]


def market_document(market: Market) -> Document:
    """The market file of `market`; arrays are ordered by their ids, groups and awards as their owner has them."""
    return {
        "day": market.day.isoformat(),
        "policy": market.policy.to_dict(),
        "catalog": catalog_document(market.catalog),
        "openings": [opening_document(item) for item in sorted(market.openings, key=lambda item: item.opening_id)],
        "learners": [learner_document(item) for item in sorted(market.learners, key=lambda item: item.learner_id)],
        "cohorts": [
            _without(_plain(asdict(item)), "version") for item in sorted(market.cohorts, key=lambda item: item.cohort_id)
        ],
    }


def catalog_document(catalog: MarketCatalog) -> Document:
    """The definitions of a catalog, by id."""
    return {
        "competencies": [_plain(asdict(item)) for _, item in sorted(catalog.competencies.items())],
        "credentials": [_plain(asdict(item)) for _, item in sorted(catalog.credentials.items())],
    }


def opening_document(opening: MarketOpening) -> Document:
    """An opening with the field names of section 3; its region follows from its ZIP and is left out."""
    plain = _without(_plain(asdict(opening)), "region")
    return plain | {"groups": [group_document(group) for group in opening.groups]}


def group_document(group: RequirementGroup) -> Document:
    """A requirement group."""
    return _plain(asdict(group)) | {"any_of": [_alternative(alternative) for alternative in group.any_of]}


def learner_document(learner: MarketLearner) -> Document:
    """A learner with the field names of section 4."""
    return _plain(structs.asdict(learner)) | {"awards": [_plain(structs.asdict(award)) for award in learner.awards]}


def evaluation_document(evaluation: Evaluation) -> Document:
    """The result of an evaluation, in the order of ids throughout."""
    return {
        "matches": [match_document(match) for match in evaluation.matches],
        "pathways": [pathway_document(learner_id, each) for learner_id, each in sorted(evaluation.pathways.items())],
        "cells": [cell_document(cell) for cell in evaluation.cells],
    }


def components_document(components: ScoreParts) -> Document:
    """The defined components of a score, 0..10000."""
    parts = {"preferred": components.preferred, "trainable": components.trainable, "evidence": components.evidence}
    return {name: value for name, value in parts.items() if value is not None}


def outcome_document(outcome: OutcomeOfGroup) -> Document:
    """How a group is met; the evidence of an unmet group is null."""
    return {
        "id": outcome.id,
        "met": outcome.met,
        "evidence": outcome.evidence.value if outcome.evidence is not None else None,
        "awards": list(outcome.awards),
    }


def pathway_document(learner_id: str, pathway: Iterable[Unlocked]) -> Document:
    """What a learner is one credential away from, by credential id."""
    credentials = sorted(pathway, key=lambda each: each.credential)
    return {"learner_id": learner_id, "credentials": [_plain(structs.asdict(each)) for each in credentials]}


def cell_document(cell: Cell) -> Document:
    """A cell with all its components, unguarded."""
    measure = _plain(asdict(cell.measure))
    levels = {"level": cell.level.word, "level_ahead": cell.level_ahead.word}
    return {"region": cell.region, "subject": cell.subject, **levels, **measure}


def match_document(match: RankedMatch) -> Document:
    return {
        "opening_id": match.opening_id,
        "learner_id": match.learner_id,
        "rank": match.rank,
        "score": match.facts.score,
        "components": components_document(match.facts.components),
        "groups": [outcome_document(outcome) for outcome in match.facts.outcomes],
    }


def _alternative(alternative: Alternative) -> Document:
    if isinstance(alternative, CompetencyAlternative):
        return {"competency": alternative.competency, "level": alternative.level}
    return {"credential": alternative.credential}


def _without(document: Document, name: str) -> Document:
    return {key: value for key, value in document.items() if key != name}


def _plain(values: Mapping[str, object]) -> Document:
    return {name: _plain_value(value) for name, value in values.items() if value is not None}


def _plain_value(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, frozenset):
        return sorted(_words(value))
    return [_plain_value(item) for item in value] if isinstance(value, tuple | list) else value


def _words(values: Iterable[object]) -> list[str]:
    return [str(value) for value in values]
