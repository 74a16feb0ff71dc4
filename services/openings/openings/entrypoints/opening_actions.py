"""What an employer does to an opening on its page: close it, open it again, and say how many positions are filled."""

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

Action = Callable[[OpeningsUnitOfWork, str, Expectation, Visit], Awaitable[Opening]]


@dataclass(frozen=True, slots=True)
class OpeningAction:
    """`said` names what the page says once it is done."""

    run: Action
    said: str


def action_pages(site: Site, units_of_work: OpeningsUnitsOfWork, path: str, again: Again) -> list[Route]:
    """`again` shows the opening as it is, with what was refused."""
    return [site.changing(f"{path}/{name}", _acting(units_of_work, action), again) for name, action in _ACTIONS.items()]


def _acting(units_of_work: OpeningsUnitsOfWork, action: OpeningAction) -> Callable[[Visit], Awaitable[Response]]:
    async def acted(visit: Visit) -> Response:
        visit.demand(WRITE)
        version = Precondition(frozenset({f'"{visit.form.get("version")}"'}))
        opening_id = str(visit.request.path_params["opening_id"])
        opening = await action.run(units_of_work.at(visit.session, visit.tenant), opening_id, version.demand, visit)
        return see_other(f"/openings/{opening.opening_id}?said={action.said}")

    return acted


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


_ACTIONS: Mapping[str, OpeningAction] = {
    "close": OpeningAction(_close, "closed"),
    "reopen": OpeningAction(_reopen, "reopened"),
    "fill": OpeningAction(_fill, "filled"),
}
