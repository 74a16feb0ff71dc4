"""The final state as the two front doors tell it, evaluated by the rules alone, beside the shortlists that employers see."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from matching.adapters.market_file.files import market_of
from matching.domain.evaluation.reference import evaluate
from reference.places import load_places
from tests.faults.stubborn import Caller

#: What a market file says of an opening, a learner, an award and a definition, of all that the front doors show.
OPENING_FIELDS = (
    *("opening_id", "employer_id", "title", "occupation", "zip", "remote", "positions", "filled", "start_by", "closes_on"),
    *("shifts", "wage_min", "wage_max", "groups", "status", "version"),
)
LEARNER_FIELDS = (
    *("learner_id", "provider_id", "zip", "reach_km", "remote_ok", "seeking", "seeking_since", "consents_to_matching"),
    *("available_from", "shifts", "wage_floor", "awards", "version"),
)
AWARD_FIELDS = ("award_id", "credential", "status", "issued_on", "expires_on", "expected_on", "evidence")
DEFINITION_FIELDS = (
    *("id", "name", "issuer", "aliases", "confers", "implies", "composed_of", "valid_months", "training_weeks"),
    "references",
)
Matches = dict[tuple[str, str], dict[str, Any]]


async def everything(caller: Caller, path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await caller.get(path, limit=200, **cursor)
        items += page["items"]
        if not page["next_cursor"]:
            return items
        cursor = {"cursor": page["next_cursor"]}


def only(document: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    return {name: document[name] for name in fields if document.get(name) is not None}


async def market_document(day: date, employers: list[Caller], providers: list[Caller], operator: Caller) -> dict[str, Any]:
    """The market file of what employers and providers have said."""
    openings = [only(o, OPENING_FIELDS) for caller in employers for o in await everything(caller, "/v1/openings")]
    learners = [only(each, LEARNER_FIELDS) for caller in providers for each in await everything(caller, "/v1/learners")]
    for learner in learners:
        learner["awards"] = [only(award, AWARD_FIELDS) for award in learner["awards"]]
    definitions = await everything(operator, "/v1/catalog/credentials")
    return {
        "day": day.isoformat(),
        "catalog": {
            "competencies": [only(c, ["id", "name"]) for c in await everything(operator, "/v1/catalog/competencies")],
            "credentials": [only(c, DEFINITION_FIELDS) for c in definitions],
        },
        "openings": openings,
        "learners": learners,
        "cohorts": [],
    }


def evaluated(document: dict[str, Any]) -> Matches:
    """Every match by the rules, as a comparable value."""
    places = load_places()
    matches: Matches = {}
    for match in evaluate(market_of(document, places), places).matches:
        facts = match.facts
        matches[match.opening_id, match.learner_id] = {
            "rank": match.rank,
            "score": facts.score,
            "components": (facts.components.preferred, facts.components.trainable, facts.components.evidence),
            "seeking_since": facts.seeking_since.isoformat() if facts.seeking_since else None,
            "groups": [(g.id, g.met, g.evidence.value if g.evidence else None, list(g.awards)) for g in facts.outcomes],
        }
    return matches


async def shown(employers: list[Caller]) -> Matches:
    """Every match that an employer sees, as the same kind of value."""
    matches: Matches = {}
    for caller in employers:
        for opening in await everything(caller, "/v1/openings"):
            shortlist = await caller.get(f"/v1/openings/{opening['opening_id']}/shortlist")
            for each in shortlist["candidates"]:
                why = each["explanation"]
                parts = why["components"]
                matches[opening["opening_id"], each["learner_id"]] = {
                    "rank": each["rank"],
                    "score": each["score"],
                    "components": (parts["preferred"], parts["trainable"], parts["evidence"]),
                    "seeking_since": each["seeking_since"],
                    "groups": [(g["id"], g["met"], g["evidence"], g["awards"]) for g in why["groups"]],
                }
    return matches


def differences(seen: Matches, expected: Matches) -> list[str]:
    """Pair by pair; empty when the law of MARKET.md section 10 holds."""
    pairs = sorted(seen.keys() | expected.keys())
    return [
        f"{pair}: shown {seen.get(pair)}, by the rules {expected.get(pair)}"
        for pair in pairs
        if seen.get(pair) != expected.get(pair)
    ]
