"""Openings: employers publish and steer their own, operators read everybody's."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.problems import ValidationProblem
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from openings.adapters.desks import OpeningsUnitsOfWork
from openings.adapters.openings import OpeningRepository, Wanted
from openings.adapters.shortlist import ShortlistRepository
from openings.application import hiring, publishing
from openings.domain.opening import Opening, Status
from openings.domain.rules import OCCUPATION_PATTERN
from openings.entrypoints.access import Reader, Writer, scope_of
from openings.entrypoints.bodies import FillingBody, OpeningBody, RevisionBody
from openings.entrypoints.employer_routes import employer_exists
from openings.entrypoints.refusing import OpeningsRoute
from openings.entrypoints.views import OpeningView, TakenOpeningView
from reference.occupations import load_occupations
from reference.region_filter import RegionFilter

COLLECTION = "/v1/openings"
ONE = COLLECTION + "/{opening_id}"


def _known(occupation: str | None) -> str | None:
    """A code that was replaced still finds what was published under it."""
    if occupation is not None:
        verdict = load_occupations().judge(occupation)
        if verdict.code is None and not verdict.successors:
            raise PydanticCustomError("unknown_occupation", "must be a code of O*NET-SOC, such as 51-4041.00 or 51-4041")
    return occupation


OccupationFilter = Annotated[str | None, Query(pattern=OCCUPATION_PATTERN), AfterValidator(_known)]
EmployerFilter = Annotated[str | None, Query(max_length=120)]


@dataclass(frozen=True, slots=True)
class Sight:
    """How openings are shown: as of today, with the number of their candidates."""

    desks: OpeningsUnitsOfWork

    async def one(self, session: AsyncSession, opening: Opening, response: Response) -> OpeningView:
        response.headers["ETag"] = etag_of(opening.version)
        return await self.view(session, opening)

    async def view(self, session: AsyncSession, opening: Opening) -> OpeningView:
        counts = await ShortlistRepository(session).counts([opening.opening_id])
        return OpeningView.seen(opening, counts.get(opening.opening_id, 0), self.desks.clock.today())

    async def page(self, session: AsyncSession, page: Page[Opening]) -> Page[OpeningView]:
        counts = await ShortlistRepository(session).counts([opening.opening_id for opening in page.items])
        today = self.desks.clock.today()
        views = [OpeningView.seen(opening, counts.get(opening.opening_id, 0), today) for opening in page.items]
        return Page(items=views, next_cursor=page.next_cursor)


def opening_routes(desks: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["openings"], route_class=OpeningsRoute)
    sight = Sight(desks)
    _add_reading(router, sight)
    _add_publishing(router, desks, sight)
    _add_steering(router, desks, sight)
    return router


def _add_reading(router: APIRouter, sight: Sight) -> None:
    @router.get(COLLECTION, summary="List openings, newest first")
    async def list_openings(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        status: Status | None = None,
        region: RegionFilter = None,
        occupation: OccupationFilter = None,
        employer_id: EmployerFilter = None,
    ) -> Page[OpeningView]:
        if principal.is_operator and employer_id is not None and not await employer_exists(session, employer_id):
            raise ValidationProblem.of("employer_id", "unknown_employer", "must be the id of an employer")
        wanted = Wanted(employer_id=employer_id, status=status, region=region, occupation=occupation)
        return await sight.page(session, await OpeningRepository(session, scope_of(principal)).listed(wanted, page))

    @router.get(ONE, summary="Read an opening")
    async def read_opening(principal: Reader, opening_id: str, response: Response, session: Reading) -> OpeningView:
        opening = await OpeningRepository(session, scope_of(principal)).get(opening_id)
        return await sight.one(session, opening, response)


def _add_publishing(router: APIRouter, desks: OpeningsUnitsOfWork, sight: Sight) -> None:
    @router.post(COLLECTION, status_code=201, response_model=TakenOpeningView, summary="Publish an opening")
    async def publish_opening(principal: Writer, wanted: OpeningBody, creation: Creating) -> Response:
        async def make() -> Created:
            desk = desks.at(creation.session, principal.tenant)
            taken = await publishing.publish_opening(desk, principal.tenant, wanted.terms(), wanted.filled)
            view = TakenOpeningView.with_warnings(await sight.view(creation.session, taken.opening), taken.remarks)
            return Created(view, f"{COLLECTION}/{view.opening_id}", view.version)

        return await creation.once(make)

    @router.patch(ONE, summary="Revise an opening; its region stays")
    async def revise_opening(
        principal: Writer, opening_id: str, wanted: RevisionBody, if_match: IfMatch, response: Response, session: Transaction
    ) -> TakenOpeningView:
        desk = desks.at(session, principal.tenant)
        taken = await publishing.revise_opening(desk, opening_id, if_match.demand, wanted.applied_to)
        return TakenOpeningView.with_warnings(await sight.one(session, taken.opening, response), taken.remarks)


def _add_steering(router: APIRouter, desks: OpeningsUnitsOfWork, sight: Sight) -> None:
    @router.post(ONE + "/fillings", summary="Fill positions, or correct how many are filled")
    async def fill_positions(
        principal: Writer, opening_id: str, wanted: FillingBody, if_match: IfMatch, response: Response, session: Transaction
    ) -> OpeningView:
        desk = desks.at(session, principal.tenant)
        if wanted.add is not None:
            opening = await hiring.add_fillings(desk, opening_id, if_match.demand, wanted.add, wanted.reopen)
        else:
            opening = await hiring.set_filled(desk, opening_id, if_match.demand, wanted.filled or 0, wanted.reopen)
        return await sight.one(session, opening, response)

    @router.post(ONE + "/closing", summary="Close an opening")
    async def close_opening(
        principal: Writer, opening_id: str, if_match: IfMatch, response: Response, session: Transaction
    ) -> OpeningView:
        opening = await hiring.close_opening(desks.at(session, principal.tenant), opening_id, if_match.demand)
        return await sight.one(session, opening, response)

    @router.post(ONE + "/reopening", summary="Reopen a closed opening that would be live")
    async def reopen_opening(
        principal: Writer, opening_id: str, if_match: IfMatch, response: Response, session: Transaction
    ) -> OpeningView:
        opening = await hiring.reopen_opening(desks.at(session, principal.tenant), opening_id, if_match.demand)
        return await sight.one(session, opening, response)
