"""The page of a member's own account: who one is, the password, and where one is signed in."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from makersync.http.problems import Problem
from makersync.mail.addresses import LONGEST_ADDRESS
from makersync.members.accounts import change_name, change_password, sign_out_elsewhere
from makersync.members.claims import CLAIM
from makersync.members.identities import Identities
from makersync.members.mailing import sends_member_mail
from makersync.members.passwords import LONGEST, SHORTEST, words_of
from makersync.members.second_step import LONGEST_CODE, MISSES_COUNT, SecondSteps
from makersync.members.sessions import IDLE, Sessions
from makersync.members.sessions import LONGEST as LONGEST_SESSION
from makersync.members.tables import MemberRow
from makersync.pages.entering import LONGEST_NAME, caller_of, signing_in
from makersync.pages.form_bodies import errors_of
from makersync.pages.redirects import see_other
from makersync.pages.relying_parties import relying_party_of
from makersync.pages.site import Site
from makersync.pages.visit import Preparation, Visit
from makersync.store.activity import note_own

ACCOUNT = "/account"


def account_routes(site: Site) -> list[Route]:
    account = _Account(site)
    return [
        site.reading(ACCOUNT, account_page),
        site.changing(f"{ACCOUNT}/name", account.rename, account_page),
        site.changing(f"{ACCOUNT}/password", account.change, account_page, before=account.hashed),
        site.changing(f"{ACCOUNT}/sessions/end", account.end_one, account_page),
        site.changing(f"{ACCOUNT}/sessions/end-others", account.end_others, account_page),
    ]


async def account_page(visit: Visit, problem: Problem | None = None) -> Response:
    who, name, session = visit.signed_in, visit.form.fields.get("name"), visit.session
    member = await session.get_one(MemberRow, who.member_id)
    party = relying_party_of(visit.request)
    return visit.page(
        "account.html",
        200 if problem is None else problem.status,
        organisation=await visit.members.name_in(session, who.belongs_to) or who.belongs_to,
        second_step=await SecondSteps(session, visit.wiring.pepper, visit.wiring.clock).state(who.member_id),
        sessions=await _sessions(visit).of_member(who),
        has_password=bool(member.password_hash),
        provider=None if party is None else party.setup,
        identities=await Identities(session, visit.wiring.clock).of_member(who.member_id),
        is_verified=member.verified_at is not None,
        mails=await sends_member_mail(session, visit.wiring.settings, visit.members),
        name=who.name if name is None else visit.form.get("name"),
        typed={"address": visit.form.get("address")},
        longest_name=LONGEST_NAME,
        longest_address=LONGEST_ADDRESS,
        longest_code=LONGEST_CODE,
        done=_DONE.get(visit.request.query_params.get("done", ""), ""),
        problem=problem,
        errors=errors_of(problem),
        sent_to=visit.request.url.path,
        shortest=SHORTEST,
        longest=LONGEST,
        misses_count=MISSES_COUNT,
        claim=CLAIM,
        idle=IDLE,
        longest_session=LONGEST_SESSION,
    )


@dataclass(frozen=True, slots=True)
class _Account:
    site: Site

    async def rename(self, visit: Visit) -> Response:
        await change_name(visit.session, visit.wiring.clock, visit.signed_in, visit.form.line("name", LONGEST_NAME))
        return _back("name")

    async def hashed(self, visit: Visit) -> Preparation:
        """With the hash of the new password, once the present one was right. Raises ValidationProblem, TooManyRequests and
        ServiceUnavailable."""
        who, password = visit.signed_in, visit.form.get("password")
        peer = caller_of(visit.request, self.site).peer
        compared = await signing_in(self.site, visit.wiring).demand_own(who, visit.form.get("present"), peer)
        await self.site.passwords.demand_strength(password, words_of(who.name, who.address))
        return Preparation(compared, await self.site.passwords.hashed(password))

    async def change(self, visit: Visit) -> Response:
        prepared = visit.prepared
        await change_password(visit.session, _sessions(visit), visit.signed_in, prepared.compared, prepared.hashed)
        return _back("password")

    async def end_one(self, visit: Visit) -> Response:
        """One that has ended meanwhile has ended."""
        if await _sessions(visit).end_one(visit.signed_in, visit.form.get("session")):
            _note(visit, "session_ended")
        return _back("session")

    async def end_others(self, visit: Visit) -> Response:
        await sign_out_elsewhere(visit.session, _sessions(visit), visit.signed_in)
        _note(visit, "other_sessions_ended")
        return _back("sessions")


_DONE = {
    "verification": "A link is mailed to your address. Open it to verify the address.",
    "address": "A link is mailed to the new address. You sign in with it from when you confirm it there.",
    "second-step-off": "Signing in no longer asks you for a code.",
    "password-set": "Your password is set. It signs you in too, and is asked for where a page wants to be sure that it is you.",
    "linked": "The account is linked. You sign in with it from now on, or with your password.",
    "unlinked": "The account is unlinked, and you are signed out everywhere else.",
    "name": "Your name is changed.",
    "password": "Your password is changed, and you are signed out everywhere else.",
    "session": "The session has ended.",
    "sessions": "You are signed out everywhere else.",
}


def _sessions(visit: Visit) -> Sessions:
    wiring = visit.wiring
    return Sessions(visit.session, wiring.pepper, wiring.clock, visit.members)


def _note(visit: Visit, action: str) -> None:
    note_own(visit.session, visit.wiring.clock.now(), action, visit.signed_in.member_id)


def _back(done: str) -> Response:
    return see_other(f"{ACCOUNT}?done={done}")
