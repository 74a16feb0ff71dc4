"""Errors that the caller can correct, as RFC 9457 problems: `application/problem+json`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:makersync:problem:"
#: Errors that `detail` repeats.
_REPEATED = 3


class FieldError(BaseModel):
    """One rule that one field breaks. The value itself is never repeated."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Path of the field in the request, such as `groups.0.any_of.1.level`.", examples=["name"])
    rule: str = Field(description="Fixed name of the broken rule.", examples=["missing"])
    detail: str = Field(description="What is expected, in English for a developer.", examples=["Field required"])


class ProblemDocument(BaseModel):
    """What went wrong, in the form of RFC 9457."""

    model_config = ConfigDict(frozen=True, title="Problem")

    type: str = Field(
        description="Fixed name of the kind of problem: `urn:makersync:problem:<name>`.",
        examples=["urn:makersync:problem:invalid-request"],
    )
    title: str = Field(description="The kind of problem in English.", examples=["The request breaks rules"])
    status: int = Field(description="The status of the HTTP answer.", examples=[422])
    detail: str = Field(description="What is wrong this time and what to do about it.", examples=["name: Field required"])
    rule: str = Field(description="Fixed name of the cause; with `errors`, the rule of the first one.", examples=["missing"])
    instance: str | None = Field(None, description="This occurrence, to be quoted to the operator; absent for most problems.")
    errors: list[FieldError] = Field([], description="Each field that breaks a rule; absent where no field is to blame.")


class Problem(Exception):
    """An answer other than success. Subclasses fix `status`, `name` and `title`.

    `rule` is the fixed name of the cause, listed in `makersync.http.rule_names` or by the service; `detail` says what to do.
    """

    status: ClassVar[int]
    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self, rule: str, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.instance: str | None = None

    @property
    def type(self) -> str:
        return TYPE_PREFIX + self.name

    def document(self) -> ProblemDocument:
        return ProblemDocument(
            type=self.type,
            title=self.title,
            status=self.status,
            detail=self.detail,
            rule=self.rule,
            instance=self.instance,
            errors=list(self.errors),
        )

    def response(self) -> Response:
        body = self.document().model_dump_json(exclude_none=True, exclude=None if self.errors else {"errors"})
        return Response(body, self.status, self.headers, MEDIA_TYPE)


class MalformedRequest(Problem):
    """A header, cursor or the like that cannot be read."""

    status, name, title = 400, "malformed-request", "The request cannot be read"

    @classmethod
    def of(cls, field: str, rule: str, detail: str) -> "MalformedRequest":
        return cls(rule, f"{field}: {detail}", [FieldError(field=field, rule=rule, detail=detail)])


class MalformedBody(Problem):
    """The body cannot be read as JSON in UTF-8; `errors` says at which place."""

    status, name, title = 400, "malformed-body", "The body is not JSON"

    @classmethod
    def of(cls, rule: str, expected: str, detail: str) -> "MalformedBody":
        return cls(rule, detail, [FieldError(field="body", rule=rule, detail=expected)])


class Unauthorized(Problem):
    """Nobody, or nobody known, is asking."""

    status, name, title = 401, "unauthorized", "A valid API key is needed"

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(rule, detail, headers={"WWW-Authenticate": 'Bearer realm="makersync"'})


class Forbidden(Problem):
    """The key is known, but lacks the scope, or is of the wrong kind for this operation."""

    status, name, title = 403, "forbidden", "The API key does not allow this"


class NotFound(Problem):
    """Nothing there, or nothing that this caller may know of."""

    status, name, title = 404, "not-found", "There is no such thing"


class MethodNotAllowed(Problem):
    """There is something at this address, but not with this method; `Allow` names those that there are."""

    status, name, title = 405, "method-not-allowed", "The method does not apply here"


class RequestTimeout(Problem):
    """The caller sends too slowly, or has stopped."""

    status, name, title = 408, "request-timeout", "The request took too long to come"


class Conflict(Problem):
    """The state of the thing does not allow the change; `rule` says why."""

    status, name, title = 409, "conflict", "The request conflicts with what is there"


class Gone(Problem):
    """It was there and is not any more, or does not open any more; `rule` says what to ask for instead."""

    status, name, title = 410, "gone", "It is no longer available"


class StaleVersion(Problem):
    """Somebody else changed it first."""

    status, name, title = 412, "stale-version", "The version is not the current one"


class BodyTooLarge(Problem):
    """The body has more bytes than the service takes; `detail` says how many it may have."""

    status, name, title = 413, "body-too-large", "The body is too large"


class UnsupportedMediaType(Problem):
    """The body has another content type than JSON, or is compressed."""

    status, name, title = 415, "unsupported-media-type", "The body must be JSON"


class ValidationProblem(Problem):
    """Fields break rules; `errors` says which."""

    status, name, title = 422, "invalid-request", "The request breaks rules"

    @classmethod
    def of(cls, field: str, rule: str, detail: str) -> "ValidationProblem":
        return cls.of_all([FieldError(field=field, rule=rule, detail=detail)])

    @classmethod
    def of_all(cls, errors: Sequence[FieldError]) -> "ValidationProblem":
        return cls(errors[0].rule, "; ".join(f"{each.field}: {each.detail}" for each in errors[:_REPEATED]), errors)


class IdempotencyMismatch(Problem):
    """The key was used for another request (draft-ietf-httpapi-idempotency-key-header, 2.7: 422)."""

    status, name, title = 422, "idempotency-mismatch", "The Idempotency-Key belongs to another request"


class VersionRequired(Problem):
    """The change must say in If-Match which version it is made to."""

    status, name, title = 428, "version-required", "If-Match is required"


class TooManyRequests(Problem):
    """The caller asks for more at a time than it may; `rule` says of what."""

    status, name, title = 429, "too-many-requests", "The caller asks for too much at a time"

    def __init__(self, rule: str, detail: str, retry_after: int = 1) -> None:
        super().__init__(rule, detail, headers={"Retry-After": str(retry_after)})


class HeadersTooLarge(Problem):
    """The request's line and headers have more bytes than the service takes."""

    status, name, title = 431, "headers-too-large", "The request's headers are too large"


class InternalProblem(Problem):
    """A fault of ours; the operator finds it in the log by `instance`."""

    status, name, title = 500, "internal", "Something failed on our side"


class ServiceUnavailable(Problem):
    """A passing fault; nothing was changed."""

    status, name, title = 503, "unavailable", "The service cannot answer now"

    def __init__(self, rule: str, detail: str, retry_after: int = 1) -> None:
        super().__init__(rule, detail, headers={"Retry-After": str(retry_after)})


class WritesStopped(ServiceUnavailable):
    """Something is wrong that a change would make worse; operators see what in the readiness of the service."""

    name, title = "writes-stopped", "The service takes no changes now"
