"""Hires: how an accepted introduction ended, and who filled the positions of an opening."""

from fastapi import APIRouter, Response

from makersync.http.versions import IfMatch
from makersync.http.wiring import Reading, Transaction
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.opening_repository import OpeningRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import hiring
from openings.entrypoints.access import Reader, Writer, scope_of
from openings.entrypoints.fields import IntroductionPath, OpeningPath
from openings.entrypoints.introduction_bodies import HireBody, NotHiredBody, UndoingBody
from openings.entrypoints.introduction_routes import ONE, introduction_view
from openings.entrypoints.introduction_views import FillingsView, IntroductionView
from openings.entrypoints.routing import OpeningsRoute


def hire_routes(units_of_work: OpeningsUnitsOfWork) -> APIRouter:
    router = APIRouter(tags=["introductions"], route_class=OpeningsRoute)
    _add_hiring(router, units_of_work)
    _add_undoing(router, units_of_work)
    _add_fillings(router)
    return router


def _add_hiring(router: APIRouter, units_of_work: OpeningsUnitsOfWork) -> None:
    @router.post(ONE + "/hire", summary="Report that the person was hired")
    async def hire_person(
        principal: Writer,
        introduction_id: IntroductionPath,
        wanted: HireBody,
        if_match: IfMatch,
        response: Response,
        session: Transaction,
    ) -> IntroductionView:
        """Ends an accepted introduction and fills a position of its opening in one step; with the last position the opening is
        filled and its other introductions end. The events `PersonHired` and `PositionsFilled` follow. The provider or the
        learner may dispute the hire for some days, after which it counts as confirmed and the learner's search ends. Refused
        with 409 unless the introduction is accepted and a position remains, and with 412 when the version is not current."""
        uow = units_of_work.at(session, principal.tenant)
        hired = await hiring.hire_person(uow, introduction_id, if_match.demand, wanted.hired_on)
        return await introduction_view(session, hired, response)

    @router.post(ONE + "/not-hired", summary="Report that the person was not hired")
    async def end_without_hire(
        principal: Writer,
        introduction_id: IntroductionPath,
        wanted: NotHiredBody,
        if_match: IfMatch,
        response: Response,
        session: Transaction,
    ) -> IntroductionView:
        """Ends an accepted introduction. The event `PersonNotHired` follows, and the provider sees the reason. Refused with 409
        unless the introduction is accepted, and with 412 when the version is not current."""
        uow = units_of_work.at(session, principal.tenant)
        ended = await hiring.end_without_hire(uow, introduction_id, if_match.demand, wanted.reason)
        return await introduction_view(session, ended, response)


def _add_undoing(router: APIRouter, units_of_work: OpeningsUnitsOfWork) -> None:
    @router.post(ONE + "/undo-hire", summary="Take a wrong hire back")
    async def undo_hire(
        principal: Writer,
        introduction_id: IntroductionPath,
        wanted: UndoingBody,
        if_match: IfMatch,
        response: Response,
        session: Transaction,
    ) -> IntroductionView:
        """Takes the hire and its filling back in one step: a filled opening is open again, and the introduction goes on where
        it stood, unless the learner's side has ended it meanwhile. When the opening is closed (and `reopen` is not set), the
        introduction ends with that reason. Other introductions that ended with the opening stay ended; ask anew. The events
        `HireUndone` and `PositionsFilled` follow. Refused with 409 when nobody was hired or a closed opening cannot be
        reopened, and with 412 when the version is not current."""
        uow = units_of_work.at(session, principal.tenant)
        undone = await hiring.undo_hire(uow, introduction_id, if_match.demand, wanted.reopen)
        return await introduction_view(session, undone, response)


def _add_fillings(router: APIRouter) -> None:
    @router.get("/v1/openings/{opening_id}/fillings", summary="Read who filled the positions of an opening")
    async def read_fillings(principal: Reader, opening_id: OpeningPath, session: Reading) -> FillingsView:
        """The hires through introductions, and how many positions were filled in another way. An employer reads its own
        openings', an operator any; another employer's opening is answered with 404."""
        opening = await OpeningRepository(session, scope_of(principal)).get(opening_id)
        hired = await IntroductionRequestRepository(session, scope_of(principal)).hired(opening_id)
        return FillingsView.of(opening, list(hired))
