"""Requests and responses about API keys. Tokens are shown once and not stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from makersync.http.bodies import Instant, RequestModel
from makersync.http.idempotency import Created
from makersync.http.openapi.examples import example_of
from makersync.store.tables import ApiKeyRow

USUAL_GRACE_SECONDS = 24 * 3600
MOST_GRACE_SECONDS = 7 * 24 * 3600


KeyName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="What people call the key, such as the system that uses it.",
        examples=["Applicant tracking system"],
    ),
]


class KeyView(BaseModel):
    """A key without its secret."""

    id: str = Field(description="Id of the key: the middle part of its token.", examples=["4f1d2c3b4a596877"])
    name: str = Field(description="What people call the key.", examples=["Applicant tracking system"])
    scopes: list[str] = Field(description="What the key allows.", examples=[["openings:read", "openings:write"]])
    created_at: datetime = Field(description="When it was made, UTC.", examples=["2026-11-02T09:00:00Z"])
    expires_at: datetime | None = Field(
        description="From when it is refused, UTC; null: it never expires.", examples=["2027-11-02T09:00:00Z"]
    )
    revoked_at: datetime | None = Field(description="When it was revoked, UTC; null: it was not.", examples=[None])
    last_used_at: datetime | None = Field(
        description="When it was last used, to the hour, UTC; null: never, as far as is known.",
        examples=["2026-11-02T14:00:00Z"],
    )
    replaces: str | None = Field(
        description="Id of the key that was rotated into this one; null: this one was issued.", examples=[None]
    )


class KeyList(BaseModel):
    """All that live, and the newest of those that have ended."""

    items: list[KeyView] = Field(description="Newest first.")


class IssuedKey(BaseModel):
    """A new key. `token` is shown this once: a repetition under the same Idempotency-Key is answered with null."""

    key: KeyView
    token: str | None = Field(
        description="The whole key, to be sent as `Authorization: Bearer`. Null in the answer to a repetition.",
        examples=["mks_4f1d2c3b4a596877_an-example-that-opens-nothing-of-43-letters"],
    )


#: What a repetition answers: the token was in the first answer alone.
REPEATED_KEY: Mapping[str, Any] = {"key": example_of(KeyView.model_json_schema(), {}), "token": None}


class OperatorKeyRequest(RequestModel):
    """A new key, which ends by itself where an end is given."""

    name: KeyName
    expires_at: Instant | None = Field(
        None,
        description="From when the key is refused, an instant with its offset; absent or null: it never expires.",
        examples=["2027-11-02T09:00:00Z"],
    )


class KeyRequest(OperatorKeyRequest):
    """A new key for an organisation, with what it may do."""

    scopes: list[str] = Field(
        min_length=1,
        max_length=50,
        description="Scopes of this service, and `keys:manage` for a key that manages the organisation's other keys.",
        examples=[["keys:manage"]],
    )


class Rotation(RequestModel):
    """How one key follows another."""

    grace_seconds: int = Field(
        USUAL_GRACE_SECONDS,
        ge=0,
        le=MOST_GRACE_SECONDS,
        description="For how many seconds the old key stays valid beside the new one. Usually a day; 0 ends it at once.",
    )
    expires_at: Instant | None = Field(
        None,
        description="When the new key ends; usually when the one that it replaces would have ended. Later only for another key "
        "than one's own. The new key of another never ends later than one's own, but by an operator.",
        examples=[None],
    )


def key_list(rows: list[ApiKeyRow]) -> KeyList:
    return KeyList(items=[_view(row) for row in rows])


def issued_answer(row: ApiKeyRow, token: str) -> Created:
    """The response with the new key's token. A repeated request gets the key without its token, with status 200."""
    view = _view(row)
    return Created(IssuedKey(key=view, token=token), repeated=Created(IssuedKey(key=view, token=None), status=200))


def _view(row: ApiKeyRow) -> KeyView:
    return KeyView.model_validate(row, from_attributes=True)
