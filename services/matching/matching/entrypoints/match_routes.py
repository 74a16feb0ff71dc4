"""What operators see of a match: an employer and a learner see it in the services that are theirs."""

from fastapi import APIRouter

from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from matching.adapters.match_tables import MatchRow
from matching.entrypoints.fields import LearnerPath, OpeningPath
from matching.entrypoints.match_views import MatchView


def match_routes() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["matches"], route_class=CheckedRoute)

    @router.get(
        "/matches/{opening_id}/{learner_id}", response_model_exclude_unset=True, summary="Read the last event of a pair"
    )
    async def read_match(opening_id: OpeningPath, learner_id: LearnerPath, _operator: Operator, session: Reading) -> MatchView:
        """What was last published about the opening and the learner, live or ended. Some days after its end a match is
        forgotten. Answered with 404 when the pair was never matched or is forgotten; the explanation says why a pair does not
        match."""
        row = await session.get(MatchRow, (opening_id, learner_id))
        if row is None:
            raise NotFound("no_such_thing", "There is no such match.")
        return MatchView(**row.model_dump(exclude={"document", "partition"}), match=row.document)

    return router
