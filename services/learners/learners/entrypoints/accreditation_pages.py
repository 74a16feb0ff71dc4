"""The pages on which operators see which provider may vouch for which issuer, grant an accreditation and end one."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import Route

from learners.adapters.accreditation_repository import list_accreditations
from learners.adapters.catalog_repository import list_credentials
from learners.adapters.provider_repository import provider_names
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.application import accrediting
from learners.application.unit_of_work import LearnersUnitOfWork
from learners.domain.accreditation import REASON_LENGTH, Accreditation
from learners.entrypoints.accreditation_bodies import AccreditationBody, EndBody
from learners.entrypoints.accreditation_reading import AccreditationFilter, chosen, issuers, providers, standing
from learners.entrypoints.known_filters import demand_issuer, demand_provider
from learners.entrypoints.routing import expecting, requester_of
from makersync.http.keys import OPERATOR
from makersync.http.pagination import Page, PageRequest
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.form_bodies import body_of, errors_of, filled, version_of
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit

ACCREDITATIONS = "/accreditations"
NEW = ACCREDITATIONS + "/new"
ONE = ACCREDITATIONS + "/{accreditation_id}"
END = ONE + "/end"
_A_PAGE = 50
_MOST_CREDENTIALS = 200


def accreditation_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = _AccreditationPages(units_of_work)
    return [
        site.reading(ACCREDITATIONS, pages.list),
        site.reading(NEW, pages.new),
        site.changing(NEW, pages.grant, pages.new),
        site.reading(ONE, pages.one),
        site.reading(END, pages.ending),
        site.changing(END, pages.end, pages.ending),
    ]


@dataclass(frozen=True, slots=True)
class _AccreditationPages:
    units_of_work: LearnersUnitsOfWork

    async def list(self, visit: Visit) -> Response:
        """In the order in which they were granted, 50 on a page. A filter that nothing can match is pointed out."""
        visit.demand(OPERATOR)
        wanted = AccreditationFilter.of(visit.request.query_params)
        problem = await _unknown(visit, wanted)
        found = await _found(visit, wanted) if problem is None else Page[Accreditation](items=[], next_cursor=None)
        return visit.page(
            "accreditations.html",
            200 if problem is None else problem.status,
            accreditations=[(each, standing(each, self.units_of_work.clock.today())) for each in found.items],
            names=await provider_names(visit.session, {each.provider_id for each in found.items}),
            next_cursor=found.next_cursor,
            filter=wanted,
            providers=chosen(await providers(visit.session), wanted.provider_id),
            issuers=chosen(await issuers(visit.session), wanted.issuer),
            problem=problem,
            errors=errors_of(problem),
        )

    async def new(self, visit: Visit, problem: Problem | None = None) -> Response:
        """The filter of the list from which somebody comes is chosen already."""
        visit.demand(OPERATOR)
        known = visit.request.query_params if problem is None else visit.form
        typed = {name: known.get(name) or "" for name in AccreditationBody.model_fields}
        return visit.page(
            "accreditation_form.html",
            200 if problem is None else problem.status,
            providers=chosen(await providers(visit.session), typed["provider_id"]),
            issuers=chosen(await issuers(visit.session), typed["issuer"]),
            typed=typed,
            problem=problem,
            errors=errors_of(problem),
        )

    async def grant(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        body = body_of(AccreditationBody, filled(visit.form, AccreditationBody.model_fields))
        granted = await accrediting.grant_accreditation(self._uow(visit), body.grant())
        return _to(granted.accreditation_id)

    async def one(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        shown = await self._shown(visit)
        covered = await list_credentials(visit.session, shown["accreditation"].issuer, PageRequest(_MOST_CREDENTIALS))
        return visit.page("accreditation.html", credentials=[each.definition for each in covered.items], **shown)

    async def ending(self, visit: Visit, problem: Problem | None = None) -> Response:
        """Asks how it is meant, and says what happens to the awards."""
        visit.demand(OPERATOR)
        return visit.page(
            "accreditation_end.html",
            200 if problem is None else problem.status,
            typed={name: visit.form.get(name) for name in ("reason", "retroactive")},
            longest_reason=REASON_LENGTH,
            problem=problem,
            errors=errors_of(problem),
            **await self._shown(visit),
        )

    async def end(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        how = visit.form.get("retroactive")
        if how not in ("yes", "no"):
            raise ValidationProblem.of("retroactive", "missing", "choose one of the two")
        body = body_of(EndBody, {"retroactive": how == "yes", "reason": visit.form.line("reason", REASON_LENGTH)})
        if visit.form.get("meant") != "yes":
            raise ValidationProblem.of("meant", "missing", "tick this to end the accreditation")
        ending, expects = body.ending(), expecting(version_of(visit.form))
        ended = await accrediting.end_accreditation(self._uow(visit), _id(visit), expects, ending)
        return _to(ended.accreditation_id)

    async def _shown(self, visit: Visit) -> dict[str, Any]:
        """Raises Absent."""
        uow = self._uow(visit)
        accreditation = await uow.accreditations.get(_id(visit))
        return {
            "accreditation": accreditation,
            "standing": standing(accreditation, uow.clock.today()),
            "provider": await uow.providers.get(accreditation.provider_id),
            "others": await accrediting.lasting_beside(uow, accreditation),
        }

    def _uow(self, visit: Visit) -> LearnersUnitOfWork:
        return self.units_of_work.at(visit.session, requester_of(visit.signed_in.principal))


async def _unknown(visit: Visit, wanted: AccreditationFilter) -> Problem | None:
    try:
        await demand_provider(visit.session, wanted.provider_id)
        await demand_issuer(visit.session, wanted.issuer)
    except ValidationProblem as unknown:
        return unknown
    return None


async def _found(visit: Visit, wanted: AccreditationFilter) -> Page[Accreditation]:
    page = PageRequest(_A_PAGE, visit.request.query_params.get("after") or None, f"page {ACCREDITATIONS} {wanted.query}")
    return await list_accreditations(visit.session, wanted.provider_id, wanted.issuer, page)


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["accreditation_id"])


def _to(accreditation_id: str) -> Response:
    return see_other(f"{ACCREDITATIONS}/{accreditation_id}")
