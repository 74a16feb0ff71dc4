"""The route class of this service, which answers refusals of the domain as HTTP problems."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response

from makersync.http.problems import Conflict, FieldError, Problem, StaleVersion, ValidationProblem
from makersync.http.problems import NotFound as NotFoundProblem
from makersync.http.routing import CheckedRoute
from openings.domain.errors import NoSuchThing, NotNow, Refused, RulesBroken, VersionMismatch

#: Violations that the detail of a problem repeats; its list of errors has all of them.
_SHOWN_IN_DETAIL = 3


class OpeningsRoute(CheckedRoute):
    """Answers a refusal after the transaction has been rolled back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def refusing(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refusal:
                raise problem_of(refusal) from refusal

        return refusing


def problem_of(refusal: Refused) -> Problem:
    match refusal:
        case RulesBroken():
            return _validation_problem(refusal)
        case NoSuchThing():
            return NotFoundProblem(str(refusal))
        case NotNow():
            return Conflict(refusal.rule, str(refusal))
        case VersionMismatch():
            return StaleVersion(str(refusal))
    raise TypeError(f"no answer for {type(refusal).__name__}")


def _validation_problem(refusal: RulesBroken) -> ValidationProblem:
    errors = [FieldError(field=v.path, rule=v.rule, detail=v.detail) for v in refusal.violations]
    return ValidationProblem("; ".join(f"{e.field}: {e.detail}" for e in errors[:_SHOWN_IN_DETAIL]), errors)
