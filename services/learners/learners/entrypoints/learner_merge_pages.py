"""The page on which a provider compares two records of one person and merges them."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from learners.adapters.introduction_repository import LearnerIntroductionFilter, list_introductions
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application.merging import merge_learners
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.errors import RuleBroken
from learners.domain.learner import Learner
from learners.domain.learner_person import Person
from learners.domain.merging import Merge, merge
from learners.entrypoints.learner_pages import ONE, learner_id_of, to_learner
from learners.entrypoints.learner_reading import credential_names
from learners.entrypoints.learner_views import personal_view
from learners.entrypoints.routing import WRITE, expecting, requester_of
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, ValidationProblem
from makersync.http.versions import Precondition
from makersync.pages.form_bodies import errors_of, version_of
from makersync.pages.site import Site
from makersync.pages.visit import Visit

MERGE = ONE + "/merge/{other_id}"
_MOST_INTRODUCTIONS = 50


def learner_merge_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = _MergePages(units_of_work)
    return [site.reading(MERGE, pages.compared), site.changing(MERGE, pages.merge, pages.compared)]


@dataclass(frozen=True, slots=True)
class _MergePages:
    units_of_work: LearnersUnitsOfWork

    async def compared(self, visit: Visit, problem: Problem | None = None) -> Response:
        """Both beside each other, and what becomes of everything."""
        visit.demand(WRITE)
        uow, (learner_id, other_id) = self._uow(visit), _ids(visit)
        stays, goes = await uow.learners.get(learner_id), await uow.learners.get(other_id)
        person, other = await uow.learners.person(learner_id), await uow.learners.person(other_id)
        found, refusal = _merge(stays, person, goes, other)
        wanted = LearnerIntroductionFilter(learner_id=other_id)
        introductions = await list_introductions(visit.session, visit.tenant, wanted, PageRequest(_MOST_INTRODUCTIONS))
        today = self.units_of_work.clock.today()
        return visit.page(
            "learner_merge.html",
            200 if problem is None else problem.status,
            stays=personal_view(stays, person, today),
            goes=personal_view(goes, other, today),
            after=found and personal_view(found.learner, found.person, today),
            moved=found.moved if found else (),
            dropped=found.dropped if found else (),
            names=await credential_names(visit.session, {award.credential for award in goes.awards}),
            open_introductions=[each for each in introductions.items if each.status.is_open or each.awaits_confirmation],
            ended_introductions=len(introductions.items),
            refusal=refusal,
            problem=problem,
            errors=errors_of(problem),
        )

    async def merge(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        if visit.form.get("meant") != "yes":
            raise ValidationProblem.of("meant", "missing", "tick this to merge the two")
        learner_id, other_id = _ids(visit)
        other = Precondition(frozenset({f'"{visit.form.get("other_version")}"'}))
        await merge_learners(self._uow(visit), learner_id, expecting(version_of(visit.form)), other_id, expecting(other))
        return to_learner(learner_id)

    def _uow(self, visit: Visit) -> LearnersUnitOfWork:
        return self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))


def _ids(visit: Visit) -> tuple[str, str]:
    return learner_id_of(visit), str(visit.request.path_params["other_id"])


def _merge(stays: Learner, person: Person, goes: Learner, other: Person) -> tuple[Merge | None, str]:
    """What would become of them, or why they cannot be merged."""
    try:
        return merge(stays, person, goes, other), ""
    except RuleBroken as broken:
        return None, broken.detail
