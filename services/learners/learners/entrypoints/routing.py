"""What all routes share: who may call them, and how errors of the inner layers become problems of HTTP."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from learners.adapters.unit_of_work import Requester
from learners.application.unit_of_work import Expectation
from learners.domain.errors import Absent, MergedLearner, NoLongerOpen, NotPossible, RuleBroken, Stale
from makersync.http.problems import Conflict, Forbidden, Gone, NotFound, Problem, StaleVersion, ValidationProblem
from makersync.http.routing import CheckedRoute
from makersync.http.security import OPERATOR, Principal, admits, authenticated, requires
from makersync.http.versions import Precondition

READ, WRITE = "learners:read", "learners:write"

#: A provider's key with the scope. Operators' keys have neither.
Reader = Annotated[Principal, Depends(requires(READ))]
Writer = Annotated[Principal, Depends(requires(WRITE))]


@admits(READ, OPERATOR)
async def _reader_or_operator(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
    if not (principal.is_operator or principal.may(READ)):
        raise Forbidden("scope_missing", f"The API key lacks the scope {READ}.")
    return principal


#: A provider's key that may read, or an operator's.
ReaderOrOperator = Annotated[Principal, Depends(_reader_or_operator)]


def requester_of(principal: Principal) -> Requester:
    return Requester(principal.organisation_id, principal.actor_id)


class LearnersRoute(CheckedRoute):
    """Answers errors of the inner layers with problems. A foreign thing is answered exactly like an absent one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except (RuleBroken, NotPossible, NoLongerOpen, Absent, Stale) as refusal:
                raise problem_of(refusal) from refusal

        return refuse


def problem_of(refusal: Exception) -> Problem:
    match refusal:
        case RuleBroken():
            return ValidationProblem.of(refusal.field, refusal.rule, refusal.detail)
        case NotPossible():
            return Conflict(refusal.rule, refusal.detail)
        case NoLongerOpen():
            return Gone(refusal.rule, refusal.detail)
        case MergedLearner():
            return Gone(refusal.rule, refusal.detail)
        case Stale():
            return StaleVersion("version_outdated", "It was changed meanwhile: read it again before changing it.")
        case _:
            return NotFound("no_such_thing", "There is no such thing.")


def expecting(precondition: Precondition) -> Expectation:
    return precondition.demand
