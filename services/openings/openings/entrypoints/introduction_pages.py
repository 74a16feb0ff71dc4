"""The pages of introductions: to ask for one, to follow it, and to say how it ended."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Response
from pydantic import ValidationError
from starlette.routing import Route

from makersync.http.answers import problem_of
from makersync.http.bodies import RequestModel
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem
from makersync.http.versions import Precondition
from makersync.pages.form_bodies import errors_of
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from openings.adapters.introduction_repository import IntroductionFilter, IntroductionRequestRepository
from openings.adapters.opening_repository import OpeningRepository
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import asking, contacting, hiring
from openings.application.contacting import GrantedAccess
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain.introduction import IntroductionRequest, NotHiredReason
from openings.domain.introduction_rules import USUAL_DAYS
from openings.domain.shortlist import Candidate
from openings.entrypoints.access import READ, WRITE
from openings.entrypoints.introduction_bodies import HireBody, IntroductionBody, NotHiredBody, UndoingBody
from openings.entrypoints.introduction_routes import introduction_views

INTRODUCTIONS = "/introductions"
ONE = INTRODUCTIONS + "/{introduction_id}"
ASK = "/openings/{opening_id}/candidates/{learner_id}/introduction"
_A_PAGE = 50
Body = TypeVar("Body", bound=RequestModel)


def introduction_pages(site: Site, units_of_work: OpeningsUnitsOfWork) -> list[Route]:
    pages = IntroductionPages(units_of_work)
    return [
        site.reading(INTRODUCTIONS, pages.list),
        site.reading(ONE, pages.one),
        site.changing(ONE + "/contact", pages.contact, pages.one),
        site.reading(ASK, pages.form),
        site.changing(ASK, pages.ask, pages.form),
        *(site.changing(f"{ONE}/{step}", pages.step(take), pages.one) for step, take in _STEPS.items()),
    ]


@dataclass(frozen=True, slots=True)
class IntroductionPages:
    units_of_work: OpeningsUnitsOfWork

    async def list(self, visit: Visit) -> Response:
        """Newest first, 50 on a page."""
        visit.demand(READ)
        cursor = visit.request.query_params.get("after") or None
        page = PageRequest(_A_PAGE, cursor, f"page {INTRODUCTIONS} {visit.tenant}")
        found = await IntroductionRequestRepository(visit.session, visit.tenant).listed(IntroductionFilter(), page)
        views = await introduction_views(visit.session, found.items)
        return visit.page("introductions.html", introductions=views, next_cursor=found.next_cursor)

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(READ)
        return await self._shown(visit, problem)

    async def contact(self, visit: Visit) -> Response:
        """The link to name and contact is on this answer alone: the service keeps a digest of its token."""
        visit.demand(WRITE)
        uow = self.units_of_work.at(visit.session, visit.tenant)
        granted = await contacting.grant_contact_access(uow, str(visit.request.path_params["introduction_id"]))
        return await self._shown(visit, None, granted)

    async def _shown(self, visit: Visit, problem: Problem | None, granted: GrantedAccess | None = None) -> Response:
        introduction_id = str(visit.request.path_params["introduction_id"])
        introduction = await IntroductionRequestRepository(visit.session, visit.tenant).get(introduction_id)
        opening = await OpeningRepository(visit.session, visit.tenant).get(introduction.opening_id)
        [view] = await introduction_views(visit.session, [introduction])
        return visit.page(
            "introduction.html",
            200 if problem is None else problem.status,
            introduction=view,
            granted=granted,
            opening=opening,
            problem=problem,
            typed={name: visit.form.get(name) for name in HireBody.model_fields},
            errors=errors_of(problem),
            reasons=list(NotHiredReason),
            may_act=visit.signed_in.principal.may(WRITE),
        )

    async def form(self, visit: Visit, problem: Problem | None = None) -> Response:
        """To ask for an introduction; what was typed is still there when it was refused."""
        visit.demand(WRITE)
        opening_id, learner_id = visit.request.path_params["opening_id"], visit.request.path_params["learner_id"]
        opening = await OpeningRepository(visit.session, visit.tenant).get(opening_id)
        candidate = await ShortlistRepository(visit.session).one(opening_id, learner_id)
        return visit.page(
            "ask.html",
            200 if problem is None else problem.status,
            opening=opening,
            learner_id=learner_id,
            is_candidate=isinstance(candidate, Candidate),
            usual_days=USUAL_DAYS,
            typed={name: visit.form.get(name) for name in IntroductionBody.model_fields},
            problem=problem,
            errors=errors_of(problem),
        )

    async def ask(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        opening_id, learner_id = visit.request.path_params["opening_id"], visit.request.path_params["learner_id"]
        body = _body(IntroductionBody, visit, learner_id=learner_id)
        uow = self.units_of_work.at(visit.session, visit.tenant)
        asked = await asking.ask_for_introduction(uow, opening_id, body.wanted())
        return _to(asked)

    def step(self, take: "Step") -> Callable[[Visit], Awaitable[Response]]:
        async def taken(visit: Visit) -> Response:
            visit.demand(WRITE)
            version = Precondition(frozenset({f'"{visit.form.get("version")}"'}))
            introduction_id = str(visit.request.path_params["introduction_id"])
            uow = self.units_of_work.at(visit.session, visit.tenant)
            return _to(await take(uow, introduction_id, version, visit))

        return taken


Step = Callable[[OpeningsUnitOfWork, str, Precondition, Visit], Awaitable[IntroductionRequest]]


async def _withdraw(uow: OpeningsUnitOfWork, introduction_id: str, version: Precondition, _visit: Visit) -> IntroductionRequest:
    return await asking.withdraw_introduction(uow, introduction_id, version.demand)


async def _hire(uow: OpeningsUnitOfWork, introduction_id: str, version: Precondition, visit: Visit) -> IntroductionRequest:
    return await hiring.hire_person(uow, introduction_id, version.demand, _body(HireBody, visit).hired_on)


async def _not_hired(uow: OpeningsUnitOfWork, introduction_id: str, version: Precondition, visit: Visit) -> IntroductionRequest:
    return await hiring.end_without_hire(uow, introduction_id, version.demand, _body(NotHiredBody, visit).reason)


async def _undo(uow: OpeningsUnitOfWork, introduction_id: str, version: Precondition, visit: Visit) -> IntroductionRequest:
    body = UndoingBody(reopen=visit.form.get("reopen") == "yes")
    return await hiring.undo_hire(uow, introduction_id, version.demand, body.reopen)


_STEPS: Mapping[str, Step] = {"withdraw": _withdraw, "hire": _hire, "not-hired": _not_hired, "undo-hire": _undo}


def _body(model: type[Body], visit: Visit, **known: str) -> Body:
    """The fields of the form as the API's own body; a field that was left empty is not given. Raises ValidationProblem."""
    typed = {name: visit.form.get(name) for name in model.model_fields}
    try:
        return model.model_validate({name: text for name, text in typed.items() if text.strip()} | known)
    except ValidationError as error:
        raise problem_of(error.errors()) from error


def _to(introduction: IntroductionRequest) -> Response:
    return see_other(f"{INTRODUCTIONS}/{introduction.introduction_id}")
