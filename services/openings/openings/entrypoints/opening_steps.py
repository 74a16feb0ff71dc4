"""The steps of an opening's life on its page: close it, open it again, and say how many positions are filled."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import Response
from pydantic import ValidationError
from starlette.routing import Route

from makersync.http.answers import problem_of
from makersync.http.versions import Precondition
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Again, Visit
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application import closing, filling
from openings.application.unit_of_work import Expectation, OpeningsUnitOfWork
from openings.domain.opening import Opening
from openings.entrypoints.access import WRITE
from openings.entrypoints.opening_bodies import FillingBody

Step = Callable[[OpeningsUnitOfWork, str, Expectation, Visit], Awaitable[Opening]]


@dataclass(frozen=True, slots=True)
class OpeningStep:
    """`said` names what the page says once it is taken."""

    take: Step
    said: str


def step_pages(site: Site, units_of_work: OpeningsUnitsOfWork, path: str, again: Again) -> list[Route]:
    """`again` shows the opening as it is, with what was refused."""
    return [site.changing(f"{path}/{name}", _taking(units_of_work, step), again) for name, step in _STEPS.items()]


def _taking(units_of_work: OpeningsUnitsOfWork, step: OpeningStep) -> Callable[[Visit], Awaitable[Response]]:
    async def taken(visit: Visit) -> Response:
        visit.demand(WRITE)
        version = Precondition(frozenset({f'"{visit.form.get("version")}"'}))
        opening_id = str(visit.request.path_params["opening_id"])
        opening = await step.take(units_of_work.at(visit.session, visit.tenant), opening_id, version.demand, visit)
        return see_other(f"/openings/{opening.opening_id}?said={step.said}")

    return taken


async def _close(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation, _visit: Visit) -> Opening:
    return await closing.close_opening(uow, opening_id, expects)


async def _reopen(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation, _visit: Visit) -> Opening:
    return await closing.reopen_opening(uow, opening_id, expects)


async def _fill(uow: OpeningsUnitOfWork, opening_id: str, expects: Expectation, visit: Visit) -> Opening:
    text = visit.form.get("filled").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else text
    try:
        body = FillingBody.model_validate({"filled": number, "reopen": visit.form.get("reopen") == "yes"})
    except ValidationError as error:
        raise problem_of(error.errors()) from error
    return await filling.set_filled(uow, opening_id, expects, body.filled or 0, body.reopen)


_STEPS: Mapping[str, OpeningStep] = {
    "close": OpeningStep(_close, "closed"),
    "reopen": OpeningStep(_reopen, "reopened"),
    "fill": OpeningStep(_fill, "filled"),
}
