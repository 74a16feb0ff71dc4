"""One credential away: for a provider, which learner through which credential, and what each credential would do."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from learners.adapters.desks import LearnersUnitsOfWork
from learners.adapters.listings import Listings
from learners.adapters.pathway_listings import PathwayListings
from learners.application.errors import Absent
from learners.domain.pathway import best_steps, credentials_in
from learners.entrypoints.routing import LearnersRoute, Reader, visitor
from makersync.http.pagination import Page, PageQuery
from makersync.http.wiring import Reading

COLLECTION = "/v1/pathways"
CredentialPath = Annotated[str, Path(max_length=120)]


class PathwayStepView(BaseModel):
    credential: str
    unlocked: int = Field(description="Positions that it alone would unlock, in all regions within reach.")
    training_weeks: int | None = Field(description="Null when unknown.")
    regions: dict[str, int] = Field(description="The positions of each region.")


class PathwayView(BaseModel):
    """At most five credentials: more positions first, then shorter training."""

    credentials: list[PathwayStepView]
    as_of: datetime | None = Field(description="When it was true: the oldest of the regions; null when nothing was told yet.")


class CredentialReachView(BaseModel):
    credential: str
    learners: int = Field(description="One's learners who are one credential away, through this one.")
    positions: int = Field(description="At least so many positions: of each region the most that it opens to one learner.")
    unlocked: int = Field(description="Added up over the learners: a position open to two of them counts twice.")


class LearnerReachView(BaseModel):
    learner_id: str
    unlocked: int = Field(description="Positions that the credential would unlock for the learner.")


def pathway_routes(desks: LearnersUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["pathways"], route_class=LearnersRoute)

    @router.get("/v1/learners/{learner_id}/pathways", summary="What a learner is one credential away from")
    async def read(principal: Reader, learner_id: str, session: Reading) -> PathwayView:
        await desks.at(session, visitor(principal)).learners.get(learner_id)
        listings = PathwayListings(session)
        told = await listings.of_learner(learner_id)
        steps = best_steps(told, await listings.training_weeks(credentials_in(told)))
        shown = [PathwayStepView.model_validate(step, from_attributes=True) for step in steps]
        return PathwayView(credentials=shown, as_of=min((each.as_of for each in told), default=None))

    @router.get(COLLECTION, summary="What each credential would do for one's learners")
    async def list_credentials(principal: Reader, session: Reading, page: PageQuery) -> Page[CredentialReachView]:
        found = await PathwayListings(session).by_credential(principal.tenant, page)
        items = [CredentialReachView.model_validate(one, from_attributes=True) for one in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    @router.get(COLLECTION + "/{credential_id}/learners", summary="One's learners who lack this credential alone")
    async def list_learners(
        principal: Reader, credential_id: CredentialPath, session: Reading, page: PageQuery
    ) -> Page[LearnerReachView]:
        if not await Listings(session).has_credential(credential_id):
            raise Absent
        found = await PathwayListings(session).through(principal.tenant, credential_id, page)
        items = [LearnerReachView.model_validate(one, from_attributes=True) for one in found.items]
        return Page(items=items, next_cursor=found.next_cursor)

    return router
