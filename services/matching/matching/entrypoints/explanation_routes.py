"""What operators see of why a learner matches an opening or does not."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.explanation_repository import live_explanation
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.fields import LearnerPath, OpeningPath


def explanation_routes(clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["matches"], route_class=CheckedRoute)

    @router.get("/explanations/{opening_id}/{learner_id}", summary="Explain why a learner matches an opening, or why not")
    async def explain_pair(
        opening_id: OpeningPath, learner_id: LearnerPath, _operator: Operator, session: Reading
    ) -> ExplanationView:
        """Judges the pair now, from what is stored, with every value that the rules compare: a reader can redo MARKET.md
        sections 3 to 9 by hand. It also names the cheapest change that would make the learner qualified, for which it may
        search up to a second. It changes nothing. Answered with 404 when the opening or the learner is not known here."""
        found = await live_explanation(session, clock, opening_id, learner_id)
        if found is None:
            raise NotFound("no_such_thing", "There is no such pair.")
        return ExplanationView.of(*found)

    return router
