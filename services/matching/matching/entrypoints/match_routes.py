"""What operators see of a match: an employer and a learner see it in the services that are theirs."""

from fastapi import APIRouter

from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.match_tables import MatchRow
from matching.entrypoints.fields import Id
from matching.entrypoints.match_views import MatchView


def match_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["matches"], route_class=CheckedRoute)

    @router.get("/matches/{opening_id}/{learner_id}", summary="The last event of a pair")
    async def match(opening_id: Id, learner_id: Id, _operator: Operator, session: Reading) -> MatchView:
        row = await session.get(MatchRow, (opening_id, learner_id))
        if row is None:
            raise NotFound("There is no such match.")
        return MatchView(**row.model_dump(exclude={"document", "partition"}), match=row.document)

    return router
