"""The pages of a training provider's people."""

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.domain.errors import Absent, NoLongerOpen, NotPossible, RuleBroken, Stale
from learners.entrypoints.accreditation_pages import ACCREDITATIONS, accreditation_pages
from learners.entrypoints.award_pages import award_pages
from learners.entrypoints.contact_pages import contact_pages
from learners.entrypoints.demand_pages import DEMAND, demand_pages
from learners.entrypoints.integrations_offer import INTEGRATIONS_OFFER
from learners.entrypoints.introduction_pages import INTRODUCTIONS, introduction_pages
from learners.entrypoints.learner_answer_pages import learner_answer_pages
from learners.entrypoints.learner_merge_pages import learner_merge_pages
from learners.entrypoints.learner_pages import LEARNERS, learner_pages
from learners.entrypoints.members_offer import MEMBERS
from learners.entrypoints.organisations_offer import providers_offer
from learners.entrypoints.proposal_pages import PROPOSALS, proposal_pages
from learners.entrypoints.routing import READ, problem_of
from makersync.http.keys import OPERATOR
from makersync.http.problems import Problem
from makersync.http.routing import CheckedRoute
from makersync.pages.demo_entrance import demo_routes
from makersync.pages.integrations import INTEGRATIONS, integration_links, integration_pages
from makersync.pages.languages import texts_of
from makersync.pages.member_pages import member_pages
from makersync.pages.notice_access import NOTICES
from makersync.pages.operator_links import OPERATIONS
from makersync.pages.organisations import ORGANISATIONS, organisation_pages
from makersync.pages.redirects import see_other
from makersync.pages.site import NavigationLink, Site, SiteOffer
from makersync.pages.visit import Visit
from makersync.settings import Settings

_REFUSALS = (RuleBroken, NotPossible, NoLongerOpen, Absent, Stale)


def _refusal(error: Exception) -> Problem | None:
    return problem_of(error) if isinstance(error, _REFUSALS) else None


SITE = SiteOffer(
    service="learners",
    title="Makersync for training providers",
    members=MEMBERS,
    navigation=(
        NavigationLink(DEMAND, "Demand", READ),
        NavigationLink(LEARNERS, "Learners", READ),
        NavigationLink(INTRODUCTIONS, "Introductions", READ),
        NavigationLink(NOTICES, "Notices", READ),
        NavigationLink(INTEGRATIONS, "Integrations", READ),
        NavigationLink(ORGANISATIONS, "Providers", OPERATOR),
        NavigationLink(ACCREDITATIONS, "Accreditations", OPERATOR),
        NavigationLink(PROPOSALS, "Proposals", OPERATOR),
    ),
    integrations=integration_links(READ),
    templates="learners.entrypoints",
    refusals=_refusal,
    languages={"es": texts_of(files("learners.entrypoints") / "texts" / "es.po")},
)


def page_routes(units_of_work: LearnersUnitsOfWork, settings: Settings) -> APIRouter:
    site = Site(SITE, units_of_work.clock.now, settings.zone)
    router = APIRouter(route_class=CheckedRoute)
    router.routes.extend([site.reading("/", _home), *site.static_routes(), *member_pages(site)])
    router.routes.extend([*demo_routes(site, settings), *award_pages(site, units_of_work)])
    router.routes.extend(learner_pages(site, units_of_work, settings.confirm_hire_days))
    router.routes.extend(learner_merge_pages(site, units_of_work))
    router.routes.extend(introduction_pages(site, units_of_work, settings))
    router.routes.extend([*learner_answer_pages(site, units_of_work), *contact_pages(site, units_of_work)])
    router.routes.extend(demand_pages(site, units_of_work))
    router.routes.extend(organisation_pages(site, providers_offer(units_of_work)))
    router.routes.extend([*accreditation_pages(site, units_of_work), *proposal_pages(site, units_of_work)])
    router.routes.extend(integration_pages(site, INTEGRATIONS_OFFER))
    return router


async def _home(visit: Visit) -> RedirectResponse:
    return see_other(OPERATIONS if visit.is_operator else LEARNERS)
