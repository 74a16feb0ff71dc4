"""The pages of learners: the list, one learner with all that is known, and the forms to register and change one."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import Route

from learners.adapters.learner_repository import LearnerFilter, list_learners
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import registering
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.errors import MergedLearner
from learners.domain.learner import DEFAULT_REACH_KM, LEAST_REACH_KM, MOST_REACH_KM, SHIFTS
from learners.entrypoints.learner_form import changed_learner, new_learner, stored, typed
from learners.entrypoints.learner_reading import LearnerReading
from learners.entrypoints.learner_views import personal_view
from learners.entrypoints.routing import READ, WRITE, expecting, requester_of
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, StaleVersion
from makersync.pages.form_bodies import errors_of, version_of
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit

LEARNERS = "/learners"
NEW = LEARNERS + "/new"
ONE = LEARNERS + "/{learner_id}"
PROFILE = ONE + "/profile"
_A_PAGE = 50
_LONGEST_SEARCH = 200


def learner_pages(site: Site, units_of_work: LearnersUnitsOfWork, confirm_days: int) -> list[Route]:
    pages = LearnerPages(units_of_work, confirm_days)
    return [
        site.reading(LEARNERS, pages.list),
        site.reading(NEW, pages.new),
        site.changing(NEW, pages.register, pages.new),
        site.reading(ONE, pages.one),
        site.reading(PROFILE, pages.profile),
        site.changing(PROFILE, pages.revise, pages.profile),
        site.changing(ONE + "/consent", pages.consent, pages.one),
    ]


@dataclass(frozen=True, slots=True)
class LearnerPages:
    units_of_work: LearnersUnitsOfWork
    confirm_days: int

    async def list(self, visit: Visit) -> Response:
        """In the order in which they were registered, 50 on a page."""
        visit.demand(READ)
        query = visit.request.query_params
        words = query.get("q", "").strip()[:_LONGEST_SEARCH]
        page = PageRequest(_A_PAGE, query.get("after") or None, f"page {LEARNERS} {visit.tenant} {words}")
        found = await list_learners(visit.session, visit.tenant, LearnerFilter(words=words), page)
        today = self.units_of_work.clock.today()
        shown = found.map(lambda one: personal_view(one.learner, one.person, today))
        return visit.page("learners.html", learners=shown, words=words, may_act=visit.signed_in.principal.may(WRITE))

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(READ)
        try:
            shown = await self._reading(visit).whole(learner_id_of(visit))
        except MergedLearner as merged:
            return to_learner(merged.successor)
        return visit.page(
            "learner.html",
            200 if problem is None else problem.status,
            **shown,
            problem=problem,
            may_act=visit.signed_in.principal.may(WRITE),
        )

    async def new(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(WRITE)
        empty: dict[str, Any] = {"reach_km": str(DEFAULT_REACH_KM), "seeking": True, "shifts": []}
        return self._form(visit, problem, empty if problem is None else typed(visit.form), learner=None, now={})

    async def register(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        wanted = new_learner(visit.form)
        learner = await registering.register_learner(
            self._uow(visit), visit.tenant, wanted.profile(), wanted.consents_to_matching
        )
        return to_learner(learner.learner_id)

    async def profile(self, visit: Visit, problem: Problem | None = None) -> Response:
        """After a change by somebody else, what was typed is still there, with what is stored now beside it."""
        visit.demand(WRITE)
        view = await self._reading(visit).learner(learner_id_of(visit))
        known = stored(view)
        shown = known if problem is None else typed(visit.form)
        differs = {name: value for name, value in known.items() if shown.get(name) != value}
        now = differs if isinstance(problem, StaleVersion) else {}
        return self._form(visit, problem, shown, learner=view, now=now)

    async def revise(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        wanted, expects = changed_learner(visit.form), expecting(version_of(visit.form))
        learner, _ = await registering.revise_learner(self._uow(visit), learner_id_of(visit), expects, wanted.rewrite)
        return to_learner(learner.learner_id)

    async def consent(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        expects, consents = expecting(version_of(visit.form)), visit.form.get("consents_to_matching") == "yes"
        learner = await registering.decide_consent(self._uow(visit), learner_id_of(visit), expects, consents)
        return to_learner(learner.learner_id)

    def _form(self, visit: Visit, problem: Problem | None, shown: dict[str, Any], **values: Any) -> Response:
        return visit.page(
            "learner_form.html",
            200 if problem is None else problem.status,
            typed=shown,
            errors=errors_of(problem),
            problem=problem,
            shifts=SHIFTS,
            reach=(LEAST_REACH_KM, MOST_REACH_KM),
            **values,
        )

    def _uow(self, visit: Visit) -> LearnersUnitOfWork:
        return self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))

    def _reading(self, visit: Visit) -> LearnerReading:
        return LearnerReading(visit.session, self._uow(visit), visit.tenant, self.confirm_days)


def learner_id_of(visit: Visit) -> str:
    return str(visit.request.path_params["learner_id"])


def to_learner(learner_id: str) -> Response:
    return see_other(f"{LEARNERS}/{learner_id}")
