"""The pages of introductions: which wait for an answer, what an employer asks, and what is answered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response
from starlette.routing import Route

from contracts.introduction_status import IntroductionStatus
from learners.adapters.introduction_repository import LearnerIntroductionFilter, list_introductions
from learners.adapters.learner_link_repository import list_readings
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import hiring, introducing, linking
from learners.application.unit_of_work import Expectation, LearnersUnitOfWork
from learners.domain.introduction import DeclineReason, Introduction
from learners.entrypoints.introduction_bodies import DeclineBody
from learners.entrypoints.introduction_routes import hash_of_token, last_moment
from learners.entrypoints.introduction_views import ANSWER_PAGES, LearnerIntroductionView
from learners.entrypoints.learner_reading import credential_names
from learners.entrypoints.routing import READ, WRITE, expecting, requester_of
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem
from makersync.pages.form_bodies import body_of, errors_of, filled, version_of
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Handler, Visit
from makersync.settings import Settings

INTRODUCTIONS = "/introductions"
ONE = INTRODUCTIONS + "/{introduction_id}"
_A_PAGE = 50


def introduction_pages(site: Site, units_of_work: LearnersUnitsOfWork, settings: Settings) -> list[Route]:
    pages = AnsweringPages(units_of_work, settings)
    return [
        site.reading(INTRODUCTIONS, pages.list),
        site.reading(ONE, pages.one),
        site.changing(ONE + "/learner-link", pages.link, pages.one),
        *(site.changing(f"{ONE}/{step}", pages.step(take), pages.one) for step, take in _STEPS.items()),
    ]


@dataclass(frozen=True, slots=True)
class AnsweringPages:
    units_of_work: LearnersUnitsOfWork
    settings: Settings

    async def list(self, visit: Visit) -> Response:
        """On the first page those that wait for an answer, the oldest first; then all, the newest first."""
        visit.demand(READ)
        cursor = visit.request.query_params.get("after") or None
        page = PageRequest(_A_PAGE, cursor, f"page {INTRODUCTIONS} {visit.tenant}")
        everything = await list_introductions(visit.session, visit.tenant, LearnerIntroductionFilter(), page, newest_first=True)
        asked = LearnerIntroductionFilter(IntroductionStatus.ASKED.value)
        waiting = [] if cursor else (await list_introductions(visit.session, visit.tenant, asked, PageRequest(_A_PAGE))).items
        return visit.page(
            "introductions.html",
            waiting=[self._view(each) for each in waiting],
            introductions=[self._view(each) for each in everything.items],
            names=await self._names(visit, [*waiting, *everything.items]),
            next_cursor=everything.next_cursor,
        )

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(READ)
        return await self._shown(visit, problem)

    async def link(self, visit: Visit) -> Response:
        """The link is on this answer alone: the service keeps a hash of its token."""
        visit.demand(WRITE)
        expects, hashed = expecting(version_of(visit.form)), hash_of_token(visit.request)
        latest = last_moment(self.settings.zone)
        made, token = await linking.make_link(self._uow(visit), _id_of(visit), expects, latest, hashed)
        address = f"{self.settings.learners_address.rstrip('/')}{ANSWER_PAGES}/{token}"
        return await self._shown(visit, None, address, made.expires_at)

    def step(self, take: "Step") -> Handler:
        async def taken(visit: Visit) -> Response:
            visit.demand(WRITE)
            await take(self._uow(visit), _id_of(visit), expecting(version_of(visit.form)), visit)
            return see_other(f"{INTRODUCTIONS}/{_id_of(visit)}")

        return taken

    async def _shown(
        self, visit: Visit, problem: Problem | None, link: str = "", link_ends: datetime | None = None
    ) -> Response:
        uow = self._uow(visit)
        introduction = await uow.introductions.get(_id_of(visit))
        learner = await uow.learners.get(introduction.learner_id)
        awards = {each.award_id: each.credential for each in learner.awards}
        return visit.page(
            "introduction.html",
            200 if problem is None else problem.status,
            introduction=self._view(introduction),
            person=await uow.learners.person(introduction.learner_id),
            awards=awards,
            credential_names=await credential_names(visit.session, set(awards.values())),
            readings=(await list_readings(visit.session, introduction.introduction_id, PageRequest(_A_PAGE))).items,
            link=link,
            link_ends=link_ends,
            reasons=[(each.value, each.value.replace("_", " ")) for each in DeclineReason],
            reason=visit.form.get("reason"),
            problem=problem,
            errors=errors_of(problem),
            may_act=visit.signed_in.principal.may(WRITE),
        )

    async def _names(self, visit: Visit, introductions: Sequence[Introduction]) -> Mapping[str, str]:
        """The names of the learners, by their ids."""
        learners = self._uow(visit).learners
        return {each: (await learners.person(each)).name for each in {one.learner_id for one in introductions}}

    def _view(self, introduction: Introduction) -> LearnerIntroductionView:
        return LearnerIntroductionView.of(introduction, self.settings.confirm_hire_days)

    def _uow(self, visit: Visit) -> LearnersUnitOfWork:
        return self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))


Step = Callable[[LearnersUnitOfWork, str, Expectation, Visit], Awaitable[Introduction]]


async def _accept(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation, _visit: Visit) -> Introduction:
    return await introducing.accept_introduction(uow, introduction_id, expects)


async def _decline(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation, visit: Visit) -> Introduction:
    body = body_of(DeclineBody, filled(visit.form, DeclineBody.model_fields))
    return await introducing.decline_introduction(uow, introduction_id, expects, body.reason)


async def _withdraw(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation, _visit: Visit) -> Introduction:
    return await introducing.withdraw_introduction(uow, introduction_id, expects)


async def _confirm(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation, _visit: Visit) -> Introduction:
    return await hiring.confirm_hire(uow, introduction_id, expects)


async def _dispute(uow: LearnersUnitOfWork, introduction_id: str, expects: Expectation, _visit: Visit) -> Introduction:
    return await hiring.dispute_hire(uow, introduction_id, expects)


_STEPS: Mapping[str, Step] = {
    "accept": _accept,
    "decline": _decline,
    "withdraw": _withdraw,
    "confirm-hire": _confirm,
    "dispute-hire": _dispute,
}


def _id_of(visit: Visit) -> str:
    return str(visit.request.path_params["introduction_id"])
