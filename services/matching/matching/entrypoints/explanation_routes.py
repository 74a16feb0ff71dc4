"""What operators see of why a learner matches an opening or does not."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.explanation_repository import live_explanation
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.fields import Id


def explanation_routes(clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["matches"], route_class=CheckedRoute)

    @router.get("/explanations/{opening_id}/{learner_id}", summary="Why a learner matches an opening, or why not")
    async def explanation(opening_id: Id, learner_id: Id, _operator: Operator, session: Reading) -> ExplanationView:
        found = await live_explanation(session, clock, opening_id, learner_id)
        if found is None:
            raise NotFound("There is no such pair.")
        return ExplanationView.of(*found)

    return router
