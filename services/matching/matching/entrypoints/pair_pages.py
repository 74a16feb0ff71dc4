"""The page of one pair: why a learner matches an opening or not, now or as it was, what was last published of the two, and
everything that happened to them."""

from dataclasses import dataclass
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
from matching.adapters.past_repository import PastExplanation, explained_then
from matching.domain.explanation.pair_past import AsOf, PairEvent, PairPast
from matching.entrypoints.explanation_text import Line, explanation_lines
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.past_reading import PastReader
from matching.entrypoints.past_words import differences, in_words

PAIRS = "/pairs"
_LONGEST_ID = 200
EVENTS_ON_A_PAGE = 50
_EMPTY = {"explanation": None, "lines": (), "published": None, "past": None, "as_of": None}


def pair_pages(site: Site, clock: Clock, keep_past_days: int) -> list[Route]:
    pages = PairPages(clock, PastReader(clock, keep_past_days))
    return [site.reading(PAIRS, pages.pair)]


@dataclass(frozen=True, slots=True)
class PairPages:
    clock: Clock
    reader: PastReader

    async def pair(self, visit: Visit) -> Response:
        """Without a pair the form alone."""
        visit.demand(OPERATOR)
        names = ("opening", "learner", "at", "before")
        asked = {name: _asked(visit, name) for name in names}
        found: dict[str, Any] = dict(_EMPTY)
        if asked["opening"] and asked["learner"]:
            pair = asked["opening"], asked["learner"]
            found |= await (self._then(visit, pair, asked["at"]) if asked["at"] else self._now(visit, pair))
            found["events"] = _page_of(found["past"], asked["before"])
        return visit.page("pair.html", asked=asked, in_words=in_words, **found)

    async def _now(self, visit: Visit, pair: tuple[str, str]) -> dict[str, Any]:
        """Raises NotFound."""
        explained = await live_explanation(visit.session, self.clock, *pair)
        if explained is None:
            raise NotFound("no_such_thing", "Matching does not know this opening or this learner. Check both IDs.")
        return {
            "explanation": ExplanationView.of(*explained),
            "lines": _in_sections(list(explanation_lines(*explained))),
            "published": await visit.session.get(MatchRow, pair),
            "past": await self.reader.past(visit.session, *pair),
        }

    async def _then(self, visit: Visit, pair: tuple[str, str], at: str) -> dict[str, Any]:
        """Raises NotFound and ValidationProblem."""
        past = await self.reader.past(visit.session, *pair)
        as_of, then = await self.reader.explained(visit.session, past, pair, at)
        found: dict[str, Any] = {"past": past, "as_of": as_of}
        if then.explained is not None and then.place is not None:
            found["explanation"] = ExplanationView.of(then.explained, then.place)
            found["lines"] = _in_sections(list(explanation_lines(then.explained, then.place)))
        return found | await _against_the_one_before(visit, past, pair, then)


async def _against_the_one_before(visit: Visit, past: PairPast, pair: tuple[str, str], then: PastExplanation) -> dict[str, Any]:
    """What differs from the explanation as of the event before; nothing when none can be explained."""
    earlier = _before(past, then.as_of)
    as_of = None if earlier is None else past.at_event(earlier)
    if earlier is None or as_of is None:
        return {"earlier": None, "differences": ()}
    return {"earlier": earlier, "differences": differences(await explained_then(visit.session, past, pair, as_of), then)}


def _before(past: PairPast, as_of: AsOf) -> PairEvent | None:
    """The newest event before it that the pair can be explained at."""
    events = past.events()
    if as_of.event is not None:
        keys = [each.key for each in events]
        events = events[keys.index(as_of.event.key) + 1 :]
        return next((each for each in events if each.is_known), None)
    return next((each for each in events if each.is_known and each.at is not None and each.at < as_of.at), None)


def _page_of(past: PairPast, before: str) -> dict[str, Any]:
    """Some events, and the key after which there are more."""
    events = past.events()
    keys = [each.key for each in events]
    rest = events[keys.index(before) + 1 :] if before in keys else events
    more = rest[EVENTS_ON_A_PAGE - 1].key if len(rest) > EVENTS_ON_A_PAGE else None
    return {"items": rest[:EVENTS_ON_A_PAGE], "more": more}


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
