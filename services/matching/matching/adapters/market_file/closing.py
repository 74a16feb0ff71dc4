"""A market in which everything that is named is defined, with the same result: what a market file needs (MARKET.md section 14).

In a stream a definition may come after what names it, and a credential that is not yet known is held by nobody (section 2).
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from itertools import chain

from msgspec import structs

from matching.domain.market.catalog import MarketCatalog, MarketCompetency, MarketCredential
from matching.domain.market.subjects import (
    Alternative,
    CompetencyAlternative,
    CredentialAlternative,
    Market,
    MarketLearner,
    MarketOpening,
    RequirementGroup,
)

UNDEFINED = "undefined:"
"""Begins the id of the competency, conferred by nobody, that stands for a credential without a definition."""


def closed(market: Market) -> Market:
    """A market with the same matches and cells; a subject ``credential:X`` without a definition becomes
    ``competency:undefined:X@1``.

    Awards of such credentials, cohorts towards them and what is composed of them count nowhere, and are left out; a group
    asks for the competency in their place, because a group without them would ask for less and spread its demand on fewer.
    A competency without a definition gets one: only its name is missing.
    """
    known = market.catalog.credentials
    openings = tuple(_opening(each, known) for each in market.openings)
    definitions = [_definition(each, known) for each in known.values()]
    named = dict.fromkeys(chain(_asked_competencies(openings), (c.competency for each in definitions for c in each.confers)))
    missing = (MarketCompetency(each, each) for each in named if each not in market.catalog.competencies)
    return replace(
        market,
        catalog=MarketCatalog.of([*market.catalog.competencies.values(), *missing], definitions),
        openings=openings,
        learners=tuple(_learner(each, known) for each in market.learners),
        cohorts=tuple(each for each in market.cohorts if each.credential in known),
    )


def _definition(definition: MarketCredential, known: Container[str]) -> MarketCredential:
    implies = tuple(each for each in definition.implies if each in known)
    whole = all(each in known for each in definition.composed_of)
    return replace(definition, implies=implies, composed_of=definition.composed_of if whole else ())


def _opening(opening: MarketOpening, known: Container[str]) -> MarketOpening:
    return replace(opening, groups=tuple(_group(group, known) for group in opening.groups))


def _group(group: RequirementGroup, known: Container[str]) -> RequirementGroup:
    return replace(group, any_of=tuple(_alternative(each, known) for each in group.any_of))


def _alternative(alternative: Alternative, known: Container[str]) -> Alternative:
    if isinstance(alternative, CredentialAlternative) and alternative.credential not in known:
        return CompetencyAlternative(UNDEFINED + alternative.credential, 1)
    return alternative


def _learner(learner: MarketLearner, known: Container[str]) -> MarketLearner:
    return structs.replace(learner, awards=tuple(each for each in learner.awards if each.credential in known))


def _asked_competencies(openings: tuple[MarketOpening, ...]) -> Iterator[str]:
    groups = chain.from_iterable(opening.groups for opening in openings)
    forms = chain.from_iterable(group.any_of for group in groups)
    return (form.competency for form in forms if isinstance(form, CompetencyAlternative))
