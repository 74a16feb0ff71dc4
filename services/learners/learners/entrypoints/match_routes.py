"""Matches: a provider sees those of its own learners."""

from typing import Annotated

from fastapi import APIRouter, Query

from learners.adapters import match_repository
from learners.adapters.opening_copies import openings_of
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.entrypoints.ids import LearnerPath
from learners.entrypoints.learner_routes import ONE as LEARNER
from learners.entrypoints.match_views import LearnerMatchView, MatchPage
from learners.entrypoints.routing import LearnersRoute, Reader, requester_of
from makersync.http.pagination import PageQuery
from makersync.http.wiring import Reading

LiveFilter = Annotated[
    bool | None,
    Query(description="Only matches that hold now, or with `false` those that have ended; left out: both.", examples=[True]),
]


def match_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["learners"], route_class=LearnersRoute)

    @router.get(LEARNER + "/matches", summary="The matches of a learner")
    async def list_matches(
        principal: Reader, learner_id: LearnerPath, session: Reading, page: PageQuery, live: LiveFilter = None
    ) -> MatchPage:
        """The openings on whose shortlist the learner is or was, as the matching service last published it, usually within a
        second, with what the employer tells everybody about the job. A match that has ended is kept for at least 30 days,
        unless operators set it otherwise; erasing the learner empties all.
        """
        await units_of_work.at(session, requester_of(principal)).learners.get(learner_id)
        found = await match_repository.list_matches(session, learner_id, live, page)
        openings = await openings_of(session, [one.opening_id for one in found.items])
        items = [LearnerMatchView.of(one, openings.get(one.opening_id)) for one in found.items]
        live_count = await match_repository.count_live_matches(session, learner_id)
        return MatchPage(items=items, next_cursor=found.next_cursor, live_count=live_count)

    return router
