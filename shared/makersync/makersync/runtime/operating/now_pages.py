"""The page of what happens now in a service, which loads itself again every few seconds, and lets halted partitions go on."""

from fastapi import Response
from starlette.routing import Route

from makersync.effects.halts import request_resume
from makersync.http.health import states_of
from makersync.http.keys import OPERATOR
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.form_bodies import errors_of
from makersync.pages.operator_links import OPERATIONS
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.runtime.operating.process_state import process_state_of
from makersync.runtime.operating.reading import read_now
from makersync.runtime.operating.repairs import begin_repair
from makersync.runtime.operating.troubles import letters_of, troubles

MOST_BECAUSE = 1000


def now_pages(site: Site) -> list[Route]:
    return [
        site.reading(OPERATIONS, now_page),
        site.reading(f"{OPERATIONS}/now", now_part),
        site.changing(f"{OPERATIONS}/resume", resume, now_page, begins=begin_repair),
    ]


async def now_page(visit: Visit, problem: Problem | None = None) -> Response:
    return await _shown(visit, "operations.html", problem)


async def now_part(visit: Visit) -> Response:
    """What the page loads again."""
    return await _shown(visit, "operations_now.html", None)


_DONE = {
    "resumed": "The partition resumes within a second.",
    "not-halted": "The partition does not stand still, so nothing was done.",
}


async def resume(visit: Visit) -> Response:
    """Also while a condition stops changes."""
    visit.demand(OPERATOR)
    form = visit.form
    consumer, partition = form.line("consumer", 120), form.line("partition", 10)
    if not partition.isascii() or not partition.isdigit():
        raise ValidationProblem.of("partition", "int_parsing", "must be a partition number")
    because, who = form.line("because", MOST_BECAUSE), visit.signed_in.principal.actor_id
    found = await request_resume(visit.session, visit.wiring.clock, who, because, consumer, int(partition))
    return see_other(f"{OPERATIONS}?done={'resumed' if found else 'not-halted'}")


async def _shown(visit: Visit, template: str, problem: Problem | None) -> Response:
    visit.demand(OPERATOR)
    state = process_state_of(visit.request)
    now = await read_now(visit.session, state.status, await states_of(state.readiness()))
    name = state.status.definition.name
    return visit.page(
        template,
        200 if problem is None else problem.status,
        now=now,
        service=name,
        troubles=troubles(now, name),
        halted=[(each, letters_of(each)) for each in now.halted],
        figures=await state.status.definition.figures(visit.session, visit.wiring.clock),
        done=_DONE.get(visit.request.query_params.get("done", ""), ""),
        problem=problem,
        typed={name: visit.form.get(name) for name in ("consumer", "partition", "because")},
        errors=errors_of(problem),
        most_because=MOST_BECAUSE,
    )
