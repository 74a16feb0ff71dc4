"""The pages on which operators admit organisations, give them keys, and invite their first members."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.http.key_bodies import KeyRequest
from makersync.http.key_issuing import issued
from makersync.http.key_rotation import MANAGE_KEYS
from makersync.http.key_routes import revoked
from makersync.http.keys import OPERATOR, is_live, keys_of
from makersync.http.pagination import Page, PageRequest
from makersync.http.problems import NotFound, Problem, ValidationProblem
from makersync.members.administering import Administration
from makersync.members.joining import MemberInvitation
from makersync.members.membership import members_of
from makersync.members.offer import OPERATORS
from makersync.members.passwords import LONGEST
from makersync.members.second_step import LONGEST_CODE, with_second_step
from makersync.pages.form_bodies import errors_of
from makersync.pages.inviting import Invited, invite, just_mailed, mailed
from makersync.pages.once import shown_once
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.store.operator_log import SqlOperatorLog

ORGANISATIONS = "/organisations"
ONE = ORGANISATIONS + "/{organisation_id}"
_A_PAGE = 50
_LONGEST_KEY_NAME = 100


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    organisation_id: str
    name: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrganisationsOffer:
    """`called` is one organisation in words, such as employer; `scopes` are those that its keys may have. `admit` takes a name
    and returns the id, and raises the service's own refusals. `further` are pages about one organisation, such as
    "/accreditations?provider_id={organisation_id}", by their words."""

    called: str
    scopes: Collection[str]
    listed: Callable[[AsyncSession, PageRequest], Awaitable[Page[ListedOrganisation]]]
    admit: Callable[[Visit, str], Awaitable[str]]
    further: Mapping[str, str] = field(default_factory=dict)


def organisation_pages(site: Site, offer: OrganisationsOffer) -> list[Route]:
    proof = Reauthentication(site)
    pages = _OrganisationPages(offer, proof)
    return [
        site.reading(ORGANISATIONS, pages.list),
        site.changing(ORGANISATIONS, pages.admit, pages.list),
        site.reading(ONE, pages.one),
        site.changing(f"{ONE}/keys", pages.issue, pages.one, before=proof.demand_both),
        site.changing(f"{ONE}/keys/revoke", pages.revoke, pages.one),
        site.changing(f"{ONE}/invite", pages.invite, pages.one, before=proof.demand_both),
    ]


@dataclass(frozen=True, slots=True)
class _OrganisationPages:
    """Keys and links outlive a session: whoever makes one gives the password again."""

    offer: OrganisationsOffer
    proof: Reauthentication

    async def list(self, visit: Visit, problem: Problem | None = None) -> Response:
        """Newest first, 50 on a page."""
        visit.demand(OPERATOR)
        page = PageRequest(_A_PAGE, visit.request.query_params.get("after") or None, f"page {ORGANISATIONS}")
        found = await self.offer.listed(visit.session, page)
        return visit.page(
            "organisations.html",
            200 if problem is None else problem.status,
            offer=self.offer,
            organisations=found.items,
            next_cursor=found.next_cursor,
            typed={"name": visit.form.get("name")},
            **_refused(problem),
        )

    async def admit(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        organisation_id = await self.offer.admit(visit, visit.form.get("name"))
        return see_other(f"{ORGANISATIONS}/{organisation_id}")

    async def one(self, visit: Visit, problem: Problem | None = None) -> Response:
        return await self._one(visit, problem)

    async def issue(self, visit: Visit) -> Response:
        """The page with the token, which is shown only there."""
        visit.demand(OPERATOR)
        whose = await self._named(visit)
        await self.proof.demand_unchanged(visit)
        scopes = {*visit.form.fields.get("scope", ())}
        if not scopes or scopes - self._scopes():
            raise ValidationProblem.of("scope", "unknown_scope", "choose what the key may do")
        wanted = KeyRequest(name=visit.form.line("key_name", _LONGEST_KEY_NAME), scopes=sorted(scopes))
        _, token = await issued(visit.session, visit.wiring, visit.signed_in.principal, whose.organisation_id, wanted)
        return shown_once(visit, await self._one(visit, None, token=token))

    async def revoke(self, visit: Visit) -> Response:
        visit.demand(OPERATOR)
        whose, principal = await self._named(visit), visit.signed_in.principal
        if visit.form.get("meant") != "yes":
            raise ValidationProblem.of("meant", "missing", "tick this to revoke the key")
        await revoked(visit.session, visit.wiring, principal, whose.organisation_id, visit.form.get("key"), False)
        return see_other(f"{ORGANISATIONS}/{whose.organisation_id}")

    async def invite(self, visit: Visit) -> Response:
        """The page that says that it is mailed; or else the page with the link, which is shown only there."""
        visit.demand(OPERATOR)
        whose, wiring, form = await self._named(visit), visit.wiring, visit.form
        await self.proof.demand_unchanged(visit)
        by = visit.signed_in.member_id
        wanted = MemberInvitation(whose.organisation_id, form.get("address").strip(), form.get("role"), by)
        invited = await invite(visit, wanted)
        log = SqlOperatorLog(visit.session, visit.signed_in.principal.actor_id, wiring.clock)
        log.note("member_invited", whose.organisation_id, {"role": wanted.role})
        if not invited.link:
            return mailed(f"{ORGANISATIONS}/{whose.organisation_id}", invited)
        return await self._one(visit, None, invited=invited)

    async def _one(self, visit: Visit, problem: Problem | None, token: str = "", invited: Invited | None = None) -> Response:
        visit.demand(OPERATOR)
        whose, now = await self._named(visit), visit.wiring.clock.now()
        keys = await keys_of(visit.session, whose.organisation_id, now)
        administration = Administration(visit.session, visit.wiring.clock, visit.members, whose.organisation_id)
        issued = invited.issued if invited else just_mailed(visit, await administration.invitations())
        return visit.page(
            "organisation.html",
            200 if problem is None else problem.status,
            offer=self.offer,
            organisation=whose,
            keys=[(row, is_live(row, now)) for row in keys],
            members=await members_of(visit.session, whose.organisation_id),
            scopes=sorted(self._scopes()),
            chosen=visit.form.fields.get("scope", ()),
            roles=[(role, role) for role in visit.members.roles],
            token=token,
            issued=issued,
            link=invited.link if invited else "",
            revoking=visit.form.get("key"),
            sent_to=visit.request.url.path.rpartition("/")[2],
            asks_code=visit.signed_in.member_id in await with_second_step(visit.session, OPERATORS),
            longest=LONGEST,
            longest_code=LONGEST_CODE,
            typed={name: visit.form.get(name) for name in ("key_name", "address", "role")},
            **_refused(problem),
        )

    async def _named(self, visit: Visit) -> ListedOrganisation:
        """Raises NotFound."""
        organisation_id = str(visit.request.path_params["organisation_id"])
        name = await visit.members.name_of(visit.session, organisation_id)
        if name is None:
            raise NotFound("no_such_thing", f"There is no such {self.offer.called}.")
        return ListedOrganisation(organisation_id, name)

    def _scopes(self) -> set[str]:
        return {*self.offer.scopes, MANAGE_KEYS}


def _refused(problem: Problem | None) -> dict[str, Any]:
    errors = errors_of(problem)
    return {"problem": problem, "errors": errors}
