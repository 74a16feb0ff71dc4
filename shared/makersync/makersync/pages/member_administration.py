"""The page on which an organisation's administrators look after its members."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import Route

from makersync.http.problems import Problem
from makersync.mail.addresses import LONGEST_ADDRESS
from makersync.members.administering import Administration
from makersync.members.joining import MemberInvitation
from makersync.members.mailing import sends_member_mail
from makersync.members.membership import members_of
from makersync.members.offer import MANAGE_MEMBERS
from makersync.members.passwords import LONGEST
from makersync.members.second_step import LONGEST_CODE, with_second_step
from makersync.members.tables import MemberRow
from makersync.pages.form_bodies import errors_of
from makersync.pages.inviting import Invited, invite, just_mailed, mail_in_words, mailed
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.session_cookie import SIGN_IN
from makersync.pages.site import Site
from makersync.pages.visit import Visit

MEMBERS = "/members"
ONE = MEMBERS + "/{member_id}"


def member_administration(site: Site) -> list[Route]:
    proof = Reauthentication(site)
    pages = _MembersPages(proof)
    return [
        site.reading(MEMBERS, pages.show),
        site.changing(f"{MEMBERS}/invite", pages.invite, pages.show, before=proof.demand_both),
        site.changing(f"{MEMBERS}/withdraw", pages.withdraw, pages.show),
        site.changing(f"{ONE}/role", pages.change_role, pages.show, before=proof.demand_both),
        site.changing(f"{ONE}/remove", pages.remove, pages.show, before=proof.demand_both),
    ]


@dataclass(frozen=True, slots=True)
class _MembersPages:
    """To invite, to give another role and to remove asks for the password: whoever finds an open browser, or steals its cookie,
    must not make administrators. The demo's visitors have none, and do none of it."""

    proof: Reauthentication

    async def show(self, visit: Visit, problem: Problem | None = None) -> Response:
        return await self._page(visit, problem)

    async def invite(self, visit: Visit) -> Response:
        """The page that says that it is mailed; or else the page with the link, which is shown only there."""
        whose, form = _demand(visit), visit.form
        await self._proven(visit)
        by = visit.signed_in.member_id
        invited = await invite(visit, MemberInvitation(whose, form.get("address").strip(), form.get("role"), by))
        return await self._page(visit, None, invited) if invited.link else mailed(MEMBERS, invited)

    async def withdraw(self, visit: Visit) -> Response:
        await self._administration(visit).withdraw(visit.form.get("address"))
        return _back("withdrawn")

    async def change_role(self, visit: Visit) -> Response:
        shown, wanted = visit.form.get("shown_role"), visit.form.get("role")
        await (await self._proven(visit)).change_role(_member_id(visit), wanted, shown)
        return _back("role")

    async def remove(self, visit: Visit) -> Response:
        await (await self._proven(visit)).remove(_member_id(visit))
        is_own = _member_id(visit) == visit.signed_in.member_id
        return see_other(SIGN_IN) if is_own else _back("removed")

    async def _page(self, visit: Visit, problem: Problem | None, invited: Invited | None = None) -> Response:
        whose, administration = _demand(visit), self._administration(visit)
        invitations = await administration.invitations()
        mine = await visit.session.get(MemberRow, visit.signed_in.member_id)
        # What was sent about a member is shown as it is kept; an invitation that was refused is still in its form.
        is_invitation = problem is not None and visit.request.url.path.endswith("/invite")
        values: dict[str, Any] = {
            "members": await members_of(visit.session, whose),
            "with_second_step": await with_second_step(visit.session, whose),
            "invitations": invitations,
            "letters": await mail_in_words(administration, invitations),
            "mails": await sends_member_mail(visit.session, visit.wiring.settings, visit.members),
            "roles": [(role, role) for role in visit.members.roles_in(whose)],
            "organisation": await visit.members.name_in(visit.session, whose) or whose,
            "issued": invited.issued if invited else just_mailed(visit, invitations),
            "link": invited.link if invited else "",
            "typed": {name: visit.form.get(name) for name in ("address", "role")} if is_invitation else {},
            "done": _DONE.get(visit.request.query_params.get("done", ""), ""),
            "problem": problem,
            "errors": errors_of(problem),
            "sent_to": visit.request.url.path,
            "has_password": mine is not None and bool(mine.password_hash),
            "longest_address": LONGEST_ADDRESS,
            "longest": LONGEST,
            "longest_code": LONGEST_CODE,
        }
        return visit.page("members.html", 200 if problem is None else problem.status, **values)

    async def _proven(self, visit: Visit) -> Administration:
        """Raises Conflict, and ValidationProblem naming `code`."""
        administration = self._administration(visit)
        await administration.demand_unchanged(visit.signed_in, visit.prepared.compared)
        await self.proof.demand_code_if_set_up(visit)
        return administration

    def _administration(self, visit: Visit) -> Administration:
        return Administration(visit.session, visit.wiring.clock, visit.members, _demand(visit))


_DONE = {
    "withdrawn": "The invitation no longer works.",
    "role": "The role is changed. It applies from the member’s next page on.",
    "removed": "The member is removed, and signed out everywhere.",
}


def _demand(visit: Visit) -> str:
    """What the members belong to that the visitor looks after. Raises Forbidden."""
    visit.demand(MANAGE_MEMBERS)
    return visit.signed_in.belongs_to


def _member_id(visit: Visit) -> str:
    return str(visit.request.path_params["member_id"])


def _back(done: str) -> Response:
    return see_other(f"{MEMBERS}?done={done}")
