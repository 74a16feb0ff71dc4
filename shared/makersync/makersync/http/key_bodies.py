"""What is asked for and shown of API keys. Tokens are shown once and kept nowhere."""

from datetime import datetime

from pydantic import BaseModel, Field

from makersync.http.bodies import Instant, RequestModel
from makersync.http.idempotency import Created
from makersync.store.tables import ApiKeyRow

USUAL_GRACE_SECONDS = 24 * 3600
MOST_GRACE_SECONDS = 7 * 24 * 3600


class KeyView(BaseModel):
    """A key without its secret. `replaces`: the key that was rotated into it."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaces: str | None


class KeyList(BaseModel):
    """All that live, and the newest of those that have ended."""

    items: list[KeyView]


class IssuedKey(BaseModel):
    """A new key. `token` is shown this once: a repetition under the same Idempotency-Key is answered with null."""

    key: KeyView
    token: str | None


class OperatorKeyRequest(RequestModel):
    name: str = Field(min_length=1, max_length=100)
    expires_at: Instant | None = None


class KeyRequest(OperatorKeyRequest):
    scopes: list[str] = Field(min_length=1, max_length=50)


class Rotation(RequestModel):
    grace_seconds: int = Field(
        USUAL_GRACE_SECONDS, ge=0, le=MOST_GRACE_SECONDS, description="How long the old key stays valid."
    )
    expires_at: Instant | None = Field(
        None,
        description="When the new key ends; usually when the one that it replaces would have ended. Later only for another key "
        "than one's own. The new key of another never ends later than one's own, but by an operator.",
    )


def key_list(rows: list[ApiKeyRow]) -> KeyList:
    return KeyList(items=[_view(row) for row in rows])


def issued_answer(row: ApiKeyRow, token: str) -> Created:
    """The new key with its token; whoever repeats the request learns that it was made, and that the token is gone."""
    view = _view(row)
    return Created(IssuedKey(key=view, token=token), repeated=Created(IssuedKey(key=view, token=None), status=200))


def _view(row: ApiKeyRow) -> KeyView:
    return KeyView.model_validate(row, from_attributes=True)
