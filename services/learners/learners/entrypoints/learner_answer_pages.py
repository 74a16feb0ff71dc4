"""What a learner reads and answers in a browser, by a link of the provider, in English or Spanish. Nobody signs in here: the
token in the address is the right."""

from dataclasses import dataclass

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application import linking
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.errors import Absent, NoLongerOpen, NotPossible, RuleBroken
from learners.domain.introduction import DeclineReason, Introduction
from learners.entrypoints.introduction_bodies import LearnerAnswerBody
from learners.entrypoints.introduction_routes import hash_of_token
from learners.entrypoints.introduction_views import ANSWER_PAGES, asked_view
from makersync.errors import RetryLater
from makersync.http.misses import miss_limit_of
from makersync.http.problems import Problem, TooManyRequests
from makersync.http.wiring import wiring_of, writing
from makersync.pages.form_bodies import body_of, filled
from makersync.pages.forms import demand_same_origin, read_form
from makersync.pages.languages import CHOICE, language_of
from makersync.pages.site import Site

ONE = ANSWER_PAGES + "/{token}"
#: The languages by their own names, in the order of the switch.
LANGUAGES = {"en": "English", "es": "Español"}


def learner_answer_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = _LearnerAnswerPages(site, units_of_work)
    return [site.open(ONE, pages.answer, ["GET", "POST"])]


@dataclass(frozen=True, slots=True)
class _LearnerAnswerPages:
    site: Site
    units_of_work: LearnersUnitsOfWork

    async def answer(self, request: Request) -> Response:
        """Opening the link changes nothing: programs that look for malice in mails open every link."""
        try:
            if request.method == "POST":
                demand_same_origin(request)
            with miss_limit_of(request).counting(request, Absent):
                if request.method == "POST":
                    return await self._answered(request)
                async with wiring_of(request).store.snapshot() as session:
                    return await self._asked(request, session)
        except (Absent, NoLongerOpen, NotPossible, TooManyRequests) as refusal:
            return self._page(request, "answer_over.html", _status(refusal), why=_why(refusal))
        except RetryLater:
            return self._page(request, "answer_trouble.html", 503, is_away=True)
        except Problem as refusal:
            return self._page(request, "answer_trouble.html", refusal.status, is_away=refusal.status == 503)

    async def _answered(self, request: Request) -> Response:
        form = await read_form(request)
        try:
            wanted = body_of(LearnerAnswerBody, filled(form, LearnerAnswerBody.model_fields)).refusal()
        except (Problem, RuleBroken):
            # What is missing is the reason of a refusal, or the answer itself.
            async with wiring_of(request).store.snapshot() as session:
                return await self._asked(request, session, 422)
        async with writing(request) as session:
            introduction = await linking.answer_by_link(self._uow(session), _digest(request), wanted)
        return self._page(request, "answer_given.html", introduction=asked_view(introduction), has_accepted=wanted is None)

    async def _asked(self, request: Request, session: AsyncSession, status: int = 200) -> Response:
        introduction, _ = await linking.read_by_link(self._uow(session), _digest(request))
        held = await self._held(session, introduction)
        return self._page(
            request,
            "answer.html",
            status,
            asked=asked_view(introduction),
            provider=(await self._uow(session).providers.get(introduction.provider_id)).name,
            held=held,
            reasons=[each.value for each in DeclineReason],
        )

    async def _held(self, session: AsyncSession, introduction: Introduction) -> list[str]:
        """The names of the learner's credentials that the job asks for, without the learner's name."""
        uow = self._uow(session)
        learner = await uow.learners.get(introduction.learner_id)
        shown = {award_id for each in introduction.request.outcomes for award_id in each.get("awards") or ()}
        wanted = dict.fromkeys(each.credential for each in learner.awards if each.award_id in shown)
        found = await uow.catalog.credentials(list(wanted))
        return [found[each].definition.name for each in wanted if each in found]

    def _page(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        language = language_of(request, list(LANGUAGES))
        shown = {"languages": LANGUAGES, "choice": CHOICE, "is_incomplete": status == 422, **values}
        return self.site.page_in(language, request, template, status, **shown)

    def _uow(self, session: AsyncSession) -> LearnersUnitOfWork:
        return self.units_of_work.at(session, SERVICE)


def _digest(request: Request) -> str:
    return hash_of_token(request)(str(request.path_params["token"]))


def _status(refusal: Exception) -> int:
    match refusal:
        case Absent():
            return 404
        case NoLongerOpen():
            return 410
        case NotPossible():
            return 409
        case _:
            return 429


def _why(refusal: Exception) -> str:
    return refusal.rule if isinstance(refusal, NoLongerOpen | NotPossible | TooManyRequests) else "unknown"
