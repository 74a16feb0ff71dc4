"""Replaying and dismissing dead letters on pages: one, the ticked ones, or all of a filter, after a look at what they are."""

from collections import Counter
from dataclasses import replace

from fastapi import Response
from starlette.routing import Route

from makersync.effects.dead_letter_decisions import DeadLetterSelection, Decision, decide, letters, selected_ids
from makersync.effects.dead_letters import DISMISSED, REQUESTED
from makersync.http.keys import OPERATOR
from makersync.http.problems import Problem, ValidationProblem
from makersync.pages.form_bodies import errors_of
from makersync.pages.operator_links import DEAD_LETTERS
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.runtime.operating.dead_letter_filter import FIELDS, DeadLetterQuery
from makersync.runtime.operating.dead_letter_pages import MOST_BECAUSE, letters_digest
from makersync.runtime.operating.repairs import begin_repair

DECIDE = f"{DEAD_LETTERS}/decide"
_LEAST_RATE, _MOST_RATE = 0.01, 10_000.0
#: The letters of which the kinds are counted; more are only counted.
_LOOKED_AT = 2000


def dead_letter_decision_pages(site: Site) -> list[Route]:
    return [site.changing(DECIDE, decide_dead_letters, confirm_page, begins=begin_repair)]


async def decide_dead_letters(visit: Visit) -> Response:
    """First asks, with how many they are; what was confirmed is done if they are still the same."""
    visit.demand(OPERATOR)
    ids = await selected_ids(visit.session, _selection(visit))
    if not ids or visit.form.get("confirmed") != letters_digest(ids):
        return await confirm_page(visit)
    because = visit.form.line("because", MOST_BECAUSE)
    await decide(visit.session, visit.wiring.clock, ids, replace(_decision(visit), because=because, rate=_rate(visit)))
    return see_other(f"{DEAD_LETTERS}?done=decided")


async def confirm_page(visit: Visit, problem: Problem | None = None) -> Response:
    visit.demand(OPERATOR)
    form = visit.form
    ids = await selected_ids(visit.session, _selection(visit)) if problem is None or _is_readable(problem) else []
    looked_at = await letters(visit.session, ids[:_LOOKED_AT])
    kinds = Counter((row.reason, row.topic) for row in looked_at)
    return visit.page(
        "dead_letters_confirm.html",
        200 if problem is None else problem.status,
        action=form.get("action"),
        count=len(ids),
        confirmed=letters_digest(ids),
        is_other=form.get("confirmed") not in ("", letters_digest(ids)),
        kinds=kinds.most_common(),
        looked_at=len(looked_at),
        fields={name: form.get(name) for name in FIELDS if form.get(name)},
        ids=_ids(visit),
        is_every=form.get("every") == "yes",
        typed={name: form.get(name) for name in ("because", "rate")},
        most_because=MOST_BECAUSE,
        problem=problem,
        errors=errors_of(problem),
    )


def _selection(visit: Visit) -> DeadLetterSelection:
    """The ticked letters, or all of the filter. Raises ValidationProblem where neither is said."""
    form, ids = visit.form, _ids(visit)
    is_every = form.get("every") == "yes"
    if not ids and not is_every:
        raise ValidationProblem.of("ids", "missing", "tick the letters that are meant, or choose all of the list")
    chosen = DeadLetterQuery.read(form.get, visit.wiring.settings.zone)
    selection = chosen.with_ids(() if is_every else ids)
    takes = _decision(visit).takes
    return replace(selection, statuses=tuple(each for each in selection.statuses or () if each in takes))


def _decision(visit: Visit) -> Decision:
    """Raises ValidationProblem."""
    action, who = visit.form.get("action"), visit.signed_in.principal.actor_id
    if action not in ("replay", "dismiss"):
        raise ValidationProblem.of("action", "enum", "must be replay or dismiss")
    return Decision(REQUESTED if action == "replay" else DISMISSED, who)


def _ids(visit: Visit) -> tuple[str, ...]:
    return tuple(visit.form.fields.get("id", ()))


def _is_readable(problem: Problem) -> bool:
    """Whether the letters can be named although the form was refused."""
    return {each.field for each in problem.errors} <= {"because", "rate"}


def _rate(visit: Visit) -> float | None:
    text = visit.form.get("rate").strip()
    try:
        rate = float(text) if text else None
    except ValueError as error:
        raise ValidationProblem.of("rate", "float_parsing", "must be a number of records") from error
    if rate is not None and not _LEAST_RATE <= rate <= _MOST_RATE:
        raise ValidationProblem.of("rate", "less_than_equal", f"must be from {_LEAST_RATE:g} to {_MOST_RATE:,.0f}")
    return rate
