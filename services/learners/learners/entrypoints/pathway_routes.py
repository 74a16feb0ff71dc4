"""Pathways: what each of a provider's learners is one credential away from, and what each credential would do for them."""

from typing import Annotated

from fastapi import APIRouter, Path

from learners.adapters.catalog_repository import has_credential, training_weeks_of
from learners.adapters.opening_copies import openings_of
from learners.adapters.pathway_repository import list_credential_reaches, list_learner_reaches, pathways_of_learner
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.domain.errors import Absent
from learners.domain.pathway import best_steps, credentials_in, openings_in
from learners.entrypoints.ids import LearnerPath
from learners.entrypoints.pathway_views import CredentialReachView, LearnerReachView, PathwayStepView, PathwayView
from learners.entrypoints.routing import LearnersRoute, Reader, requester_of
from makersync.http.pagination import Page, PageQuery
from makersync.http.wiring import Reading

COLLECTION = "/v1/pathways"
CredentialPath = Annotated[
    str,
    Path(
        max_length=120,
        description="Id of a credential in the catalog, such as `nims:cnc-milling-operator`.",
        examples=["nims:cnc-milling-operator"],
    ),
]


def pathway_routes(units_of_work: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["pathways"], route_class=LearnersRoute)

    @router.get("/v1/learners/{learner_id}/pathways", summary="What a learner is one credential away from")
    async def read_pathways(principal: Reader, learner_id: LearnerPath, session: Reading) -> PathwayView:
        """The credentials each of which alone would qualify the learner for open positions within reach, as the matching
        service found last, with some of the jobs. It looks again at once when the learner changes, else about once an hour.
        """
        await units_of_work.at(session, requester_of(principal)).learners.get(learner_id)
        pathways = await pathways_of_learner(session, learner_id)
        steps = best_steps(pathways, await training_weeks_of(session, credentials_in(pathways)))
        openings = await openings_of(session, openings_in(steps))
        shown = [PathwayStepView.of(step, openings) for step in steps]
        return PathwayView(credentials=shown, as_of=min((each.as_of for each in pathways), default=None))

    @router.get(COLLECTION, summary="What each credential would do for one's learners")
    async def list_credential_reach(principal: Reader, session: Reading, page: PageQuery) -> Page[CredentialReachView]:
        """What to teach: each credential that would qualify at least one of the provider's learners for an open position,
        with how many learners and positions. What unlocks most comes first, then by id.
        """
        found = await list_credential_reaches(session, principal.tenant, page)
        return found.map(lambda one: CredentialReachView.model_validate(one, from_attributes=True))

    @router.get(COLLECTION + "/{credential_id}/learners", summary="One's learners who lack this credential alone")
    async def list_learners_to_train(
        principal: Reader, credential_id: CredentialPath, session: Reading, page: PageQuery
    ) -> Page[LearnerReachView]:
        """Whom to teach it: the provider's learners whom this credential alone would qualify for open positions, by how
        many and then by id."""
        if not await has_credential(session, credential_id):
            raise Absent
        found = await list_learner_reaches(session, principal.tenant, credential_id, page)
        return found.map(lambda one: LearnerReachView.model_validate(one, from_attributes=True))

    return router
