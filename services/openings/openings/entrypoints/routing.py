"""The route class of this service, which answers refusals of the domain as HTTP problems."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response

from makersync.http.problems import (
    Conflict,
    FieldError,
    NotFound,
    Problem,
    StaleVersion,
    TooManyRequests,
    ValidationProblem,
)
from makersync.http.routing import CheckedRoute
from openings.domain.errors import (
    IntroductionRateReached,
    NoSuchThing,
    NotNow,
    PreviewRateReached,
    PreviewsWaiting,
    Refused,
    RulesBroken,
    VersionMismatch,
    Violation,
)


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
            return ValidationProblem.of_all([_field_error(violation) for violation in refusal.violations])
        case NoSuchThing():
            return NotFound("no_such_thing", str(refusal))
        case NotNow():
            return Conflict(refusal.rule, str(refusal))
        case IntroductionRateReached():
            return TooManyRequests("introduction_rate", str(refusal), refusal.retry_after_s)
        case PreviewRateReached():
            return TooManyRequests("preview_rate", str(refusal), refusal.retry_after_s)
        case PreviewsWaiting():
            return TooManyRequests("previews_waiting", str(refusal), refusal.retry_after_s)
        case VersionMismatch():
            return StaleVersion("version_outdated", str(refusal))
    raise TypeError(f"no answer for {type(refusal).__name__}")


def _field_error(violation: Violation) -> FieldError:
    return FieldError(field=violation.path, rule=violation.rule, detail=violation.detail)
