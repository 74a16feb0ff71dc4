"""The pages on which a member sets up the second step of signing in, and turns it off."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.routing import Route

from makersync.http.problems import Problem
from makersync.members.accounts import demand_unchanged, sign_out_elsewhere
from makersync.members.authenticator import drawn
from makersync.members.passwords import LONGEST
from makersync.members.second_step import LONGEST_CODE, UNCONFIRMED, SecondSteps, forget_second_step
from makersync.members.sessions import Sessions
from makersync.pages.account import ACCOUNT
from makersync.pages.form_bodies import errors_of
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.store.activity import note_own

SECOND_STEP = f"{ACCOUNT}/second-step"


def second_step_routes(site: Site) -> list[Route]:
    proof = Reauthentication(site)
    pages = _SecondStepPages(site, proof)
    return [
        site.reading(SECOND_STEP, pages.show),
        site.changing(f"{SECOND_STEP}/begin", pages.begin, pages.show),
        site.changing(f"{SECOND_STEP}/confirm", pages.confirm, pages.show, before=proof.demand_password),
        site.changing(f"{SECOND_STEP}/codes", pages.renew, pages.show, before=proof.demand_both),
        site.changing(f"{SECOND_STEP}/off", pages.turn_off, pages.show, before=proof.demand_both),
    ]


@dataclass(frozen=True, slots=True)
class _SecondStepPages:
    """What changes something asks for the password: whoever finds an open browser must not keep its member out."""

    site: Site
    proof: Reauthentication

    async def show(self, visit: Visit, problem: Problem | None = None) -> Response:
        steps, who = _steps(visit), visit.signed_in
        secret = await steps.unconfirmed(who.member_id, who.digest)
        return self._page(
            visit,
            200 if problem is None else problem.status,
            state=await steps.state(who.member_id),
            secret=secret and " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            qr=secret and drawn(secret, who.address, self.site.offer.title),
            codes=None,
            problem=problem,
            errors=errors_of(problem),
        )

    async def begin(self, visit: Visit) -> Response:
        await _steps(visit).begin(visit.signed_in.member_id, visit.signed_in.digest)
        return see_other(SECOND_STEP)

    async def confirm(self, visit: Visit) -> Response:
        """Sessions that were begun without a code end, but for this one; none begins before that is done."""
        await demand_unchanged(visit.session, visit.signed_in, visit.prepared.compared)
        who, wiring = visit.signed_in, visit.wiring
        codes = await _steps(visit).confirm(who.member_id, who.digest, visit.form.get("code"))
        sessions = Sessions(visit.session, wiring.pepper, wiring.clock, visit.members)
        await sign_out_elsewhere(visit.session, sessions, visit.signed_in)
        return self._shown_once(visit, codes)

    async def renew(self, visit: Visit) -> Response:
        await demand_unchanged(visit.session, visit.signed_in, visit.prepared.compared)
        await self.proof.demand_code(visit)
        note_own(visit.session, visit.wiring.clock.now(), "recovery_codes_renewed", visit.signed_in.member_id)
        return self._shown_once(visit, await _steps(visit).renew_codes(visit.signed_in.member_id))

    async def turn_off(self, visit: Visit) -> Response:
        await demand_unchanged(visit.session, visit.signed_in, visit.prepared.compared)
        await self.proof.demand_code(visit)
        await forget_second_step(visit.session, visit.signed_in.member_id)
        note_own(visit.session, visit.wiring.clock.now(), "second_step_turned_off", visit.signed_in.member_id)
        return see_other(f"{ACCOUNT}?done=second-step-off")

    def _shown_once(self, visit: Visit, codes: list[str]) -> Response:
        return self._page(visit, 200, state=None, secret=None, qr=None, codes=codes, problem=None, errors={})

    def _page(self, visit: Visit, status: int, **values: Any) -> Response:
        sent = visit.request.url.path.rpartition("/")[2]
        bounds = {"longest": LONGEST, "longest_code": LONGEST_CODE, "unconfirmed": UNCONFIRMED}
        return visit.page("second_step.html", status, sent=sent, **bounds, **values)


def _steps(visit: Visit) -> SecondSteps:
    return SecondSteps(visit.session, visit.wiring.pepper, visit.wiring.clock)
