"""The page of one pair: why a learner matches an opening or not, now, and what was last published of the two."""

from typing import Any

from fastapi import Response
from starlette.routing import Route

from makersync.clock import Clock
from makersync.http.keys import OPERATOR
from makersync.http.problems import NotFound, ValidationProblem
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from matching.adapters.explanation_repository import live_explanation
from matching.adapters.match_tables import MatchRow
from matching.entrypoints.explanation_text import Line, explanation_lines
from matching.entrypoints.explanation_views import ExplanationView

PAIRS = "/pairs"
_LONGEST_ID = 200


def pair_pages(site: Site, clock: Clock) -> list[Route]:
    async def pair(visit: Visit) -> Response:
        """Without a pair the form alone."""
        visit.demand(OPERATOR)
        opening_id, learner_id = _asked(visit, "opening"), _asked(visit, "learner")
        found: dict[str, Any] = {"explanation": None, "lines": (), "published": None}
        if opening_id and learner_id:
            found = await _found(visit, clock, opening_id, learner_id)
        return visit.page("pair.html", asked={"opening": opening_id, "learner": learner_id}, **found)

    return [site.reading(PAIRS, pair)]


async def _found(visit: Visit, clock: Clock, opening_id: str, learner_id: str) -> dict[str, Any]:
    """Raises NotFound."""
    explained = await live_explanation(visit.session, clock, opening_id, learner_id)
    if explained is None:
        raise NotFound("no_such_thing", "Matching does not know this opening or this learner. Check both IDs.")
    return {
        "explanation": ExplanationView.of(*explained),
        "lines": _in_sections(list(explanation_lines(*explained))),
        "published": await visit.session.get(MatchRow, (opening_id, learner_id)),
    }


def _in_sections(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """The lines below each heading; the first heading names the pair."""
    sections: list[tuple[str, list[Line]]] = []
    for style, text in lines:
        if style == "bold":
            sections.append((text, []))
        else:
            sections[-1][1].append((style, text.strip()))
    return sections


def _asked(visit: Visit, name: str) -> str:
    text = visit.request.query_params.get(name, "").strip()
    if len(text) > _LONGEST_ID or "\0" in text:
        raise ValidationProblem.of(name, "string_too_long", f"must be an id of at most {_LONGEST_ID} characters")
    return text
