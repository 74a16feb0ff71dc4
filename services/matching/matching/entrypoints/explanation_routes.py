"""What operators see of why a learner matches an opening or does not, now and as it was."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.problems import NotFound, ValidationProblem
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.explanation_repository import live_explanation
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.fields import LearnerPath, OpeningPath
from matching.entrypoints.past_reading import NOT_KEPT, PastReader
from matching.entrypoints.past_views import AsOfView, AtQuery, BeforeQuery, LimitQuery, PairEventsView
from matching.entrypoints.past_words import UNKNOWN_THEN


def explanation_routes(clock: Clock, keep_past_days: int) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["matches"], route_class=CheckedRoute)
    reader = PastReader(clock, keep_past_days)

    @router.get("/explanations/{opening_id}/{learner_id}", summary="Explain why a learner matches an opening, or why not")
    async def explain_pair(
        opening_id: OpeningPath, learner_id: LearnerPath, _operator: Operator, session: Reading, at: AtQuery = None
    ) -> ExplanationView:
        """Judges the pair now, from what is stored, with every value that the rules compare: a reader can redo MARKET.md
        sections 3 to 9 by hand. It also names the cheapest change that would make the learner qualified, for which it may
        search up to a second. It changes nothing. With `at`, it judges the pair by the opening, the learner, the catalog, the
        policy and the date as they were then. Answered with 404 when the opening or the learner is not known here, and with
        the rule `not_kept` when it is not kept what was so then."""
        if at is not None:
            past = await reader.past(session, opening_id, learner_id)
            as_of, then = await reader.explained(session, past, (opening_id, learner_id), at)
            if then.explained is None or then.place is None:
                raise NotFound(NOT_KEPT, UNKNOWN_THEN)
            return ExplanationView.of(then.explained, then.place).model_copy(update={"as_of": AsOfView.of(as_of)})
        found = await live_explanation(session, clock, opening_id, learner_id)
        if found is None:
            raise NotFound("no_such_thing", "There is no such pair.")
        return ExplanationView.of(*found)

    @router.get("/explanations/{opening_id}/{learner_id}/events", summary="List what happened to a pair")
    async def list_pair_events(
        opening_id: OpeningPath,
        learner_id: LearnerPath,
        _operator: Operator,
        session: Reading,
        limit: LimitQuery = 50,
        before: BeforeQuery = None,
    ) -> PairEventsView:
        """Every change of the opening, the learner, the match and the rules that is kept, the newest first. The explanation can
        be read as of each. Answered with 404 when the opening or the learner is not known here; what was is deleted when a
        learner is erased."""
        past = await reader.past(session, opening_id, learner_id)
        found = PairEventsView.of(past, before, limit)
        if found is None:
            raise ValidationProblem.of("before", "no_such_event", "must be the key of an event of the pair")
        return found

    return router
