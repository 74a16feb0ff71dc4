"""Re-authentication: what a session alone must not allow asks for the password again, and for a code where the member has a
second step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from makersync.members.accounts import demand_unchanged
from makersync.members.misses import SignInMisses
from makersync.members.passwords import LONGEST
from makersync.members.second_step import LONGEST_CODE, SecondSteps
from makersync.members.signing_in import code_key
from makersync.members.tables import MemberRow
from makersync.pages.entering import caller_of, signing_in
from makersync.pages.site import Site
from makersync.pages.visit import Preparation, Visit


@dataclass(frozen=True, slots=True)
class Reauthentication:
    """Proves again who is at the browser. Attempts are counted before anything is compared."""

    site: Site

    async def demand_password(self, visit: Visit) -> Preparation:
        """Before the transaction. Raises ValidationProblem, TooManyRequests and ServiceUnavailable."""
        peer = caller_of(visit.request, self.site).peer
        signing = signing_in(self.site, visit.wiring)
        return Preparation(await signing.demand_own(visit.signed_in, visit.form.get("present"), peer))

    async def demand_both(self, visit: Visit) -> Preparation:
        """The password; the code, where one was sent, is compared in the transaction."""
        prepared = await self.demand_password(visit)
        if visit.form.get("code"):
            peer = caller_of(visit.request, self.site).peer
            await signing_in(self.site, visit.wiring).count_code(visit.signed_in, peer)
        return prepared

    async def asked_for(self, visit: Visit) -> Mapping[str, Any]:
        """What a page says of the proof to its template. Visitors of the demo have no password and cannot give it."""
        member = await visit.session.get(MemberRow, visit.signed_in.member_id)
        steps = SecondSteps(visit.session, visit.wiring.pepper, visit.wiring.clock)
        return {
            "has_password": member is not None and bool(member.password_hash),
            "asks_code": await steps.state(visit.signed_in.member_id) is not None,
            "longest": LONGEST,
            "longest_code": LONGEST_CODE,
        }

    async def demand_code(self, visit: Visit) -> None:
        """In the transaction, which has locked the member. Raises ValidationProblem naming `code`."""
        member_id, wiring = visit.signed_in.member_id, visit.wiring
        await SecondSteps(visit.session, wiring.pepper, wiring.clock).demand(member_id, visit.form.get("code"))
        misses = SignInMisses(visit.session, wiring.pepper, wiring.clock)
        await misses.forgive(code_key(member_id), caller_of(visit.request, self.site).peer)

    async def demand_unchanged(self, visit: Visit) -> None:
        """In the transaction: that the password still holds, and the code. Raises Conflict, and ValidationProblem naming
        `code`."""
        await demand_unchanged(visit.session, visit.signed_in, visit.prepared.compared)
        await self.demand_code_if_set_up(visit)

    async def demand_code_if_set_up(self, visit: Visit) -> None:
        """As `demand_code`, for members whom signing in asks for one."""
        steps = SecondSteps(visit.session, visit.wiring.pepper, visit.wiring.clock)
        if await steps.state(visit.signed_in.member_id) is not None:
            await self.demand_code(visit)
