"""The pages of the policy: the numbers in use, what others would change, and applying them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.http.keys import OPERATOR
from makersync.http.problems import Conflict, FieldError, Problem, ValidationProblem
from makersync.http.wiring import wiring_of
from makersync.pages.form_bodies import errors_of
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from matching.adapters.catalog_repository import load_catalog
from matching.adapters.market_file.rules_file import InvalidRules, read_rules
from matching.adapters.policy_repository import live_rules, policy_in_use, store_policy
from matching.adapters.replay_repository import regions_to_replay, regions_with_openings
from matching.application.replaying import replay
from matching.domain.evaluation.proposed_rules import ProposedRules
from matching.domain.evaluation.replay import RegionReplay, totals
from matching.domain.market.policy import Policy
from matching.entrypoints.policy_views import PolicyView
from reference.places import load_places

POLICY = "/policy"
#: For so long a page tries other numbers; `makersync policy try` takes the time that it needs.
LONGEST_TRIAL_S = 10.0
_NUMBERS = tuple(name for name in Policy().to_dict() if name != "version")


def policy_pages(site: Site, clock: Clock) -> list[Route]:
    pages = PolicyPages(clock)
    return [
        site.reading(POLICY, pages.show),
        site.changing(f"{POLICY}/try", pages.attempt, pages.show, begins=_looking),
        site.changing(f"{POLICY}/apply", pages.apply, pages.show),
    ]


@dataclass(frozen=True, slots=True)
class PolicyPages:
    clock: Clock

    async def show(self, visit: Visit, problem: Problem | None = None) -> Response:
        return await self._page(visit, problem)

    async def attempt(self, visit: Visit) -> Response:
        """Changes nothing; it comes as a form because it takes long, and is not to be repeated by whoever has the address."""
        visit.demand(OPERATOR)
        live = await live_rules(visit.session, self.clock)
        proposed = _proposed(visit, live.policy, read_rules(_document(visit), live.policy, live.catalog))
        regions = await regions_with_openings(visit.session)
        return await self._page(visit, None, proposed, await self._replayed(visit, regions, proposed), len(regions))

    async def apply(self, visit: Visit) -> Response:
        """The version that was looked at has to be the live one still."""
        visit.demand(OPERATOR)
        live = (await policy_in_use(visit.session)).policy
        proposed = _proposed(visit, live, read_rules(_document(visit), live, await load_catalog(visit.session)))
        try:
            await store_policy(visit.session, self.clock, proposed, visit.signed_in.principal.actor_id)
        except OperatorError as error:
            raise Conflict("other_policy", str(error)) from error
        return see_other(f"{POLICY}?done=applied")

    async def _replayed(self, visit: Visit, regions: list[str], proposed: ProposedRules) -> list[RegionReplay]:
        """Region by region on a thread, as many as the time allows."""
        found: list[RegionReplay] = []
        catalog, until = proposed.catalog, self.clock.monotonic() + LONGEST_TRIAL_S
        async for stored in regions_to_replay(visit.session, self.clock, regions, catalog):
            found.append(await asyncio.to_thread(replay, stored, proposed, load_places()))
            if self.clock.monotonic() > until:
                break
        return found

    async def _page(
        self,
        visit: Visit,
        problem: Problem | None,
        proposed: ProposedRules | None = None,
        replays: Sequence[RegionReplay] = (),
        regions: int = 0,
    ) -> Response:
        visit.demand(OPERATOR)
        live = await policy_in_use(visit.session)
        return visit.page(
            "policy.html",
            200 if problem is None else problem.status,
            live=live,
            meanings=_MEANINGS,
            typed=_typed(visit, live.policy),
            proposed=proposed,
            replays=[each for each in replays if any(each.counts.values())],
            totals=totals(replays),
            tried=len(replays),
            regions=regions,
            problem=problem,
            errors=errors_of(problem),
            done="The policy is live. Running instances evaluate again and publish what differs."
            if visit.request.query_params.get("done") == "applied"
            else "",
        )


def _looking(request: Request) -> AbstractAsyncContextManager[AsyncSession]:
    """All of one moment, and nobody who writes waits for it."""
    return wiring_of(request).store.snapshot()


_MEANINGS: Mapping[str, str] = {name: PolicyView.model_fields[name].description or "" for name in _NUMBERS}


def _typed(visit: Visit, live: Policy) -> Mapping[str, str]:
    """What was typed, or else the live numbers."""
    sent = visit.form.fields
    return {name: visit.form.get(name) if name in sent else str(number) for name, number in live.to_dict().items()}


def _document(visit: Visit) -> bytes:
    """The numbers as a policy file. Raises ValidationProblem, which names all that are no numbers."""
    texts = {name: visit.form.get(name).strip() for name in _NUMBERS}
    wrong = [name for name, text in texts.items() if not (text.isascii() and text.isdigit() and len(text) <= 10)]
    if wrong:
        raise ValidationProblem.of_all(
            [FieldError(field=name, rule="int_parsing", detail="must be a whole number") for name in wrong]
        )
    return json.dumps({"policy": {name: int(text) for name, text in texts.items()}}).encode()


def _proposed(visit: Visit, live: Policy, proposed: ProposedRules) -> ProposedRules:
    """Raises Conflict when another policy is live by now, and ValidationProblem when nothing would change."""
    if visit.form.get("version") != str(live.version):
        detail = (
            f"Policy {live.version} is live by now, and you began with {visit.form.get('version')[:20]}. Compare the numbers."
        )
        raise Conflict("other_policy", detail)
    if proposed.changes_nothing:
        raise ValidationProblem.of("policy", "no_change", "no number differs from the policy in use")
    return proposed


def rules_problem(error: Exception) -> Problem | None:
    """The problem that bad numbers are for whoever typed them, with each of them."""
    if not isinstance(error, InvalidRules):
        return None
    fields = [
        FieldError(field=each.place.rpartition(".")[2], rule="policy_number", detail=each.rule) for each in error.problems
    ]
    if not fields:
        return ValidationProblem.of("policy", "policy_number", "is no policy")
    return ValidationProblem.of_all(fields)
