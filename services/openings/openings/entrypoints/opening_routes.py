"""Openings: employers publish and change their own, operators read all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.vocabulary import OpeningStatus
from makersync.clock import Clock
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Page, PageQuery
from makersync.http.problems import ValidationProblem
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from openings.adapters.employer_repository import employer_exists
from openings.adapters.opening_repository import OpeningFilter, OpeningRepository
from openings.adapters.reach_repository import ReachRepository
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import closing, filling, publishing
from openings.domain.opening import Opening
from openings.domain.opening_rules import OCCUPATION_PATTERN
from openings.entrypoints.access import Reader, Writer, scope_of
from openings.entrypoints.fields import EMPLOYER_EXAMPLE, OpeningPath
from openings.entrypoints.opening_bodies import FillingBody, OpeningBody, RevisionBody
from openings.entrypoints.opening_views import AcceptedOpeningView, OpeningView
from openings.entrypoints.routing import OpeningsRoute
from reference.occupations import load_occupations
from reference.region_filter import RegionFilter

COLLECTION = "/v1/openings"
ONE = COLLECTION + "/{opening_id}"


def _known(occupation: str | None) -> str | None:
    """Accepts a retired code too, which finds the openings that were published under it."""
    if occupation is not None:
        verdict = load_occupations().judge(occupation)
        if verdict.code is None and not verdict.successors:
            raise PydanticCustomError("unknown_occupation", "must be a code of O*NET-SOC, such as 51-4041.00 or 51-4041")
    return occupation


OccupationQuery = Annotated[
    str | None,
    Query(
        pattern=OCCUPATION_PATTERN,
        description="Only openings of this occupation: an O*NET-SOC code, or the SOC code that it begins with.",
        examples=["51-4041"],
    ),
    AfterValidator(_known),
]
EmployerQuery = Annotated[
    str | None,
    Query(max_length=120, description="Only openings of this employer, for operators.", examples=[EMPLOYER_EXAMPLE]),
]
StatusQuery = Annotated[
    OpeningStatus | None,
    Query(description="Only openings with this status. An open one may be past its closing date.", examples=["open"]),
]


@dataclass(frozen=True, slots=True)
class OpeningPresenter:
    """Shows openings as of today, with the number of their candidates and the range of their near misses."""

    clock: Clock

    async def one(self, session: AsyncSession, opening: Opening, response: Response) -> OpeningView:
        response.headers["ETag"] = etag_of(opening.version)
        return await self.view(session, opening)

    async def view(self, session: AsyncSession, opening: Opening) -> OpeningView:
        [view] = await self._views(session, [opening])
        return view

    async def page(self, session: AsyncSession, page: Page[Opening]) -> Page[OpeningView]:
        return Page[OpeningView](items=await self._views(session, page.items), next_cursor=page.next_cursor)

    async def _views(self, session: AsyncSession, openings: Sequence[Opening]) -> list[OpeningView]:
        ids = [opening.opening_id for opening in openings]
        counts, near = await ShortlistRepository(session).counts(ids), await ReachRepository(session).near_misses(ids)
        today = self.clock.today()
        return [OpeningView.of(each, counts.get(each.opening_id, 0), near.get(each.opening_id), today) for each in openings]


def opening_routes(units_of_work: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["openings"], route_class=OpeningsRoute)
    presenter = OpeningPresenter(units_of_work.clock)
    _add_reading(router, presenter)
    _add_publishing(router, units_of_work, presenter)
    _add_filling(router, units_of_work, presenter)
    _add_closing(router, units_of_work, presenter)
    return router


def _add_reading(router: APIRouter, presenter: OpeningPresenter) -> None:
    @router.get(COLLECTION, summary="List openings, newest first")
    async def list_openings(
        principal: Reader,
        session: Reading,
        page: PageQuery,
        status: StatusQuery = None,
        region: RegionFilter = None,
        occupation: OccupationQuery = None,
        employer_id: EmployerQuery = None,
    ) -> Page[OpeningView]:
        """An employer gets its own openings, an operator those of everyone. Filters narrow the list together. Closed and filled
        openings stay in it. Refused with 422 when the region, the occupation or an operator's `employer_id` is unknown: a
        misspelt one would look like one without openings."""
        if principal.is_operator and employer_id is not None and not await employer_exists(session, employer_id):
            raise ValidationProblem.of("employer_id", "unknown_employer", "must be the id of an employer")
        wanted = OpeningFilter(employer_id=employer_id, status=status, region=region, occupation=occupation)
        return await presenter.page(session, await OpeningRepository(session, scope_of(principal)).listed(wanted, page))

    @router.get(ONE, summary="Read an opening")
    async def read_opening(principal: Reader, opening_id: OpeningPath, response: Response, session: Reading) -> OpeningView:
        """An employer reads its own, an operator any; another employer's is answered with 404, like one that does not exist.
        The `ETag` is the version, which every change demands as `If-Match`."""
        opening = await OpeningRepository(session, scope_of(principal)).get(opening_id)
        return await presenter.one(session, opening, response)


def _add_publishing(router: APIRouter, units_of_work: OpeningsUnitsOfWork, presenter: OpeningPresenter) -> None:
    @router.post(COLLECTION, status_code=201, response_model=AcceptedOpeningView, summary="Publish an opening")
    async def publish_opening(principal: Writer, wanted: OpeningBody, creation: Creating) -> Response:
        """The opening belongs to the caller's employer. Its region follows from its place and never changes. What is odd but
        sound is taken, with `warnings`. The event `OpeningPublished` follows, and then matching proposes candidates, which the
        shortlist shows. Refused with 422 when the opening breaks rules, all of which are named together."""

        async def make() -> Created:
            uow = units_of_work.at(creation.session, principal.tenant)
            accepted = await publishing.publish_opening(uow, principal.tenant, wanted.terms(), wanted.filled)
            shown = await presenter.view(creation.session, accepted.opening)
            view = AcceptedOpeningView.with_warnings(shown, accepted.remarks)
            return Created(view, f"{COLLECTION}/{view.opening_id}", view.version)

        return await creation.once(make)

    @router.patch(ONE, summary="Revise an opening; its region stays")
    async def revise_opening(
        principal: Writer,
        opening_id: OpeningPath,
        wanted: RevisionBody,
        if_match: IfMatch,
        response: Response,
        session: Transaction,
    ) -> AcceptedOpeningView:
        """Fields that are left out keep their values; a request that changes nothing makes no new version. The event
        `OpeningRevised` follows, and matching goes by the new terms. Refused with 422 when the result breaks rules or lies in
        another region, and with 412 when the version is not current."""
        uow = units_of_work.at(session, principal.tenant)
        accepted = await publishing.revise_opening(uow, opening_id, if_match.demand, wanted.applied_to)
        return AcceptedOpeningView.with_warnings(await presenter.one(session, accepted.opening, response), accepted.remarks)


def _add_filling(router: APIRouter, units_of_work: OpeningsUnitsOfWork, presenter: OpeningPresenter) -> None:
    @router.post(ONE + "/fillings", summary="Fill positions, or correct how many are filled")
    async def fill_positions(
        principal: Writer,
        opening_id: OpeningPath,
        wanted: FillingBody,
        if_match: IfMatch,
        response: Response,
        session: Transaction,
    ) -> OpeningView:
        """With its last position the opening becomes `filled` and its matches are withdrawn; when the number goes down, it is
        open again. A closed opening stays closed without `reopen`. The event `PositionsFilled` follows, or `OpeningReopened`.
        Refused with 422 when the number would be below 0 or above `positions`, with 409 when a reopened opening would not be
        live, and with 412 when the version is not current."""
        uow = units_of_work.at(session, principal.tenant)
        if wanted.add is not None:
            opening = await filling.add_fillings(uow, opening_id, if_match.demand, wanted.add, wanted.reopen)
        else:
            opening = await filling.set_filled(uow, opening_id, if_match.demand, wanted.filled or 0, wanted.reopen)
        return await presenter.one(session, opening, response)


def _add_closing(router: APIRouter, units_of_work: OpeningsUnitsOfWork, presenter: OpeningPresenter) -> None:
    @router.post(ONE + "/closing", summary="Close an opening")
    async def close_opening(
        principal: Writer, opening_id: OpeningPath, if_match: IfMatch, response: Response, session: Transaction
    ) -> OpeningView:
        """Nobody is sought any more, however many positions remain, until the opening is reopened. The event `OpeningClosed`
        follows, and every match of the opening is withdrawn. Refused with 409 when the opening is closed already, and with 412
        when the version is not current."""
        opening = await closing.close_opening(units_of_work.at(session, principal.tenant), opening_id, if_match.demand)
        return await presenter.one(session, opening, response)

    @router.post(ONE + "/reopening", summary="Reopen a closed opening that would be live")
    async def reopen_opening(
        principal: Writer, opening_id: OpeningPath, if_match: IfMatch, response: Response, session: Transaction
    ) -> OpeningView:
        """The event `OpeningReopened` follows, and matching proposes candidates again. Refused with 409 when the opening is not
        closed, when no position remains or when its closing date has passed (revise `positions` or `closes_on` first), and with
        412 when the version is not current."""
        opening = await closing.reopen_opening(units_of_work.at(session, principal.tenant), opening_id, if_match.demand)
        return await presenter.one(session, opening, response)
