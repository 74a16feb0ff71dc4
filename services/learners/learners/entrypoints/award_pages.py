"""The pages of awards: to record one, and what becomes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from contracts.vocabulary import AwardStatus
from learners.adapters.catalog_repository import list_credentials
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import awarding
from learners.application.awarding import REINSTATEMENT, REVOCATION, SUSPENSION, AwardTransition
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.errors import Absent
from learners.entrypoints.award_bodies import AwardBody, AwardPatch, CompletionBody, RenewalBody
from learners.entrypoints.award_views import AwardView
from learners.entrypoints.learner_pages import ONE as LEARNER
from learners.entrypoints.learner_pages import learner_id_of, to_learner
from learners.entrypoints.learner_reading import ENDS_SOON_DAYS, credential_names
from learners.entrypoints.routing import READ, WRITE, expecting, requester_of
from makersync.http.pagination import PageRequest
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.form_bodies import body_of, errors_of, filled, version_of
from makersync.pages.forms import SentForm
from makersync.pages.site import Site
from makersync.pages.visit import Handler, Visit

NEW = LEARNER + "/awards/new"
ONE = LEARNER + "/awards/{award_id}"
#: More than any catalog has.
_ALL = 2000
_DATES = ("issued_on", "expires_on", "expected_on")


def award_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = AwardPages(units_of_work)
    return [
        site.reading(NEW, pages.new),
        site.changing(NEW, pages.record, pages.new),
        site.reading(ONE, pages.one),
        site.changing(ONE + "/removal", pages.remove, pages.one),
        *(site.changing(f"{ONE}/{step}", pages.step(read), pages.one) for step, read in _STEPS.items()),
    ]


@dataclass(frozen=True, slots=True)
class AwardPages:
    units_of_work: LearnersUnitsOfWork

    async def new(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(WRITE)
        learner_id = learner_id_of(visit)
        person = await self._uow(visit).learners.person((await self._uow(visit).learners.get(learner_id)).learner_id)
        found = await list_credentials(visit.session, None, PageRequest(_ALL))
        names = sorted((one.definition.name, one.definition.id, one.definition.issuer) for one in found.items)
        return visit.page(
            "award_form.html",
            200 if problem is None else problem.status,
            learner_id=learner_id,
            person=person,
            credentials=[(each, f"{name} ({issuer})") for name, each, issuer in names],
            typed={name: visit.form.get(name) for name in AwardBody.model_fields},
            problem=problem,
            errors=errors_of(problem),
        )

    async def record(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        body = body_of(AwardBody, filled(visit.form, AwardBody.model_fields))
        learner, _ = await awarding.record_award(self._uow(visit), learner_id_of(visit), body.award())
        return to_learner(learner.learner_id)

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        visit.demand(READ)
        uow = self._uow(visit)
        learner = await uow.learners.get(learner_id_of(visit))
        award = learner.award(_award_id_of(visit))
        if award is None:
            raise Absent
        known = {name: day.isoformat() for name in _DATES if (day := getattr(award.dates, name)) is not None}
        return visit.page(
            "award.html",
            200 if problem is None else problem.status,
            learner=learner,
            person=await uow.learners.person(learner.learner_id),
            award=AwardView.of(award, uow.clock.today()),
            name=(await credential_names(visit.session, [award.credential]))[award.credential],
            typed=known if problem is None else {name: visit.form.get(name) for name in _DATES},
            problem=problem,
            errors=errors_of(problem),
            statuses=AwardStatus,
            ends_soon_days=ENDS_SOON_DAYS,
            may_act=visit.signed_in.principal.may(WRITE),
        )

    def step(self, read: Callable[[SentForm], AwardTransition]) -> Handler:
        async def taken(visit: Visit) -> Response:
            visit.demand(WRITE)
            transition, expects = read(visit.form), expecting(version_of(visit.form))
            ids = learner_id_of(visit), _award_id_of(visit)
            await awarding.change_award(self._uow(visit), *ids, expects, transition)
            return to_learner(ids[0])

        return taken

    async def remove(self, visit: Visit) -> Response:
        visit.demand(WRITE)
        expects = expecting(version_of(visit.form))
        learner = await awarding.drop_award(self._uow(visit), learner_id_of(visit), _award_id_of(visit), expects)
        return to_learner(learner.learner_id)

    def _uow(self, visit: Visit) -> LearnersUnitOfWork:
        return self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))


def _award_id_of(visit: Visit) -> str:
    return str(visit.request.path_params["award_id"])


def _renewal(form: SentForm) -> AwardTransition:
    return awarding.renewal(body_of(RenewalBody, filled(form, RenewalBody.model_fields)).expires_on)


def _completion(form: SentForm) -> AwardTransition:
    body = body_of(CompletionBody, filled(form, CompletionBody.model_fields))
    return awarding.completion(body.issued_on, body.expires_on)


def _correction(form: SentForm) -> AwardTransition:
    """A date that is empty is unknown from then on."""
    return awarding.correction(body_of(AwardPatch, dict.fromkeys(_DATES) | filled(form, _DATES)).rewrite)


def _revocation(form: SentForm) -> AwardTransition:
    if form.get("meant") != "yes":
        raise ValidationProblem.of("meant", "missing", "tick this to revoke the award")
    return REVOCATION


_STEPS: Mapping[str, Callable[[SentForm], AwardTransition]] = {
    "renewal": _renewal,
    "completion": _completion,
    "correction": _correction,
    "suspension": lambda _form: SUSPENSION,
    "reinstatement": lambda _form: REINSTATEMENT,
    "revocation": _revocation,
}
