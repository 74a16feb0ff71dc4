"""Safe repetition of creations: the response is stored under the caller's `Idempotency-Key`, in the creation's transaction."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, delete, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keys import Principal
from makersync.http.problems import Conflict, IdempotencyMismatch, MalformedRequest
from makersync.http.security import authenticated
from makersync.http.versions import etag_of
from makersync.http.wiring import Transaction, wiring_of
from makersync.store.tables import IdempotencyRow

RETENTION = timedelta(hours=24)
#: For so long the answer to a form is repeated when the form comes again.
REPEATED_FOR = timedelta(minutes=1)
#: Responses deleted per transaction.
PURGED_AT_ONCE = 1000
REPLAYED_HEADER = "Idempotency-Replayed"
#: Stands for the status of an answer that there is not yet.
CLAIMED = 0
_SEE_OTHER = 303

_KEY = re.compile(r'"[\x21\x23-\x5b\x5d-\x7e]{1,128}"|[\x21\x23-\x5b\x5d-\x7e]{1,128}')


@dataclass(frozen=True, slots=True)
class Created:
    """The response to a creation.

    With an idempotency key its body is stored for a day. If it contains a secret, `repeated` is stored instead, and is the
    response to a repetition.
    """

    body: BaseModel
    location: str | None = None
    version: int | None = None
    status: int = 201
    repeated: "Created | None" = None

    def response(self) -> Response:
        headers = _headers(self.location, None if self.version is None else etag_of(self.version))
        return Response(self.body.model_dump_json(by_alias=True), self.status, headers, "application/json")


@dataclass(frozen=True, slots=True)
class Creation:
    """One creating request, within its transaction."""

    session: AsyncSession
    clock: Clock
    caller: str
    key: str | None
    digest: str

    async def once(self, make: Callable[[], Awaitable[Created]]) -> Response:
        """Run `make` and return its response, or replay the response to the same request if there was one.

        The key is claimed first. A second request with the same key waits in the database until the first one ends, and then
        replays its response, or creates if the first was rolled back. Raises IdempotencyMismatch if the key was used for
        another request.
        """
        if self.key is None:
            return (await make()).response()
        if not await self._claim(self.key):
            return await self._replay(self.key)
        created = await make()
        await self._keep(self.key, (created.repeated or created).response())
        return created.response()

    async def redirect_once(self, make: Callable[[], Awaitable[Response]], has_acted: Callable[[], bool]) -> Response:
        """As `once`, for a form that is answered with a redirect. Of another answer nothing is kept, and the form may be sent
        again, unless `has_acted` says that it was more than the form once more: a repetition is then answered without a body,
        which may hold a secret.

        A redirect is repeated to a double click and to a browser that tries again: for REPEATED_FOR, and while the caller has
        done nothing else since. Later what it says may no longer be true, and the form acts again."""
        if self.key is None:
            return await make()
        if not await self._claim(self.key) and not await self._claim_again(self.key):
            return await self._replay(self.key)
        response = await make()
        if response.status_code == _SEE_OTHER:
            await self._keep(self.key, response)
        elif has_acted():
            await self._keep(self.key, Response(status_code=response.status_code))
        else:
            await self._release(self.key)
        return response

    async def _claim(self, key: str) -> bool:
        insert: Any = sqlite.insert if self.session.get_bind().dialect.name == "sqlite" else postgresql.insert
        claim = insert(IdempotencyRow).values(
            caller=self.caller,
            key=key,
            request_digest=self.digest,
            status=CLAIMED,
            body=b"",
            created_at=self.clock.now(),
        )
        claimed = claim.on_conflict_do_nothing(index_elements=["caller", "key"]).returning(IdempotencyRow.key)
        return (await self.session.exec(claimed)).first() is not None

    async def _claim_again(self, key: str) -> bool:
        """Take over the key of a redirect that is not repeated any more. Of two who do only one succeeds."""
        row = await self.session.get(IdempotencyRow, (self.caller, key), populate_existing=True)
        if row is None or row.status != _SEE_OTHER or await self._is_repeated(row):
            return False
        mine = (*self._mine(key), col(IdempotencyRow.created_at) == row.created_at, col(IdempotencyRow.status) == _SEE_OTHER)
        again = update(IdempotencyRow).where(*mine).values(status=CLAIMED, created_at=self.clock.now())
        return int((await self.session.exec(again)).rowcount) == 1

    async def _is_repeated(self, row: IdempotencyRow) -> bool:
        if self.clock.now() - row.created_at > REPEATED_FOR:
            return False
        since = (col(IdempotencyRow.caller) == self.caller, col(IdempotencyRow.created_at) > row.created_at)
        return (await self.session.exec(select(IdempotencyRow.key).where(*since).limit(1))).first() is None

    async def _replay(self, key: str) -> Response:
        row = await self.session.get(IdempotencyRow, (self.caller, key), populate_existing=True)
        if row is None or row.status == CLAIMED:
            raise Conflict("request_under_way", "A request with this Idempotency-Key is under way; try again.")
        if row.request_digest != self.digest:
            raise IdempotencyMismatch("idempotency_key_reused", "Use a new Idempotency-Key for a new request.")
        headers = _headers(row.location, row.etag) | {REPLAYED_HEADER: "true"}
        return Response(row.body, row.status, headers, "application/json")

    async def _keep(self, key: str, response: Response) -> None:
        kept = {
            "status": response.status_code,
            "location": response.headers.get("Location"),
            "etag": response.headers.get("ETag"),
            "body": bytes(response.body),
        }
        await self.session.exec(update(IdempotencyRow).where(*self._mine(key)).values(**kept))

    async def _release(self, key: str) -> None:
        await self.session.exec(delete(IdempotencyRow).where(*self._mine(key)))

    def _mine(self, key: str) -> tuple[ColumnElement[bool], ...]:
        return (col(IdempotencyRow.caller) == self.caller, col(IdempotencyRow.key) == key)


async def purge(session: AsyncSession, clock: Clock) -> int:
    """Delete responses that are older than a day, oldest first and at most PURGED_AT_ONCE; returns how many. Their keys may
    then be used again."""
    age = col(IdempotencyRow.created_at)
    old = select(IdempotencyRow.caller, IdempotencyRow.key).where(age < clock.now() - RETENTION).order_by(age)
    identity = tuple_(col(IdempotencyRow.caller), col(IdempotencyRow.key))
    result = await session.exec(delete(IdempotencyRow).where(identity.in_(old.limit(PURGED_AT_ONCE))))
    return int(result.rowcount)


async def forget_answers(session: AsyncSession, path: str) -> None:
    """Empty the kept responses to creations of `path` and of what lies under it, since they say what must not be kept. Their
    keys stay used, so that a request that arrives late does not create it again."""
    here = (col(IdempotencyRow.location) == path) | col(IdempotencyRow.location).startswith(f"{path}/", autoescape=True)
    await session.exec(update(IdempotencyRow).where(here).values(request_digest="", body=b""))


async def _creation(
    request: Request,
    principal: Annotated[Principal, Depends(authenticated)],
    session: Transaction,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=200,
            description="Repeat a creation safely: the same key gets the same answer for a day. 1 to 128 ASCII characters.",
        ),
    ] = None,
) -> Creation:
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        raise MalformedRequest.of("Idempotency-Key", "repeated_header", "must be given once")
    key = None if idempotency_key is None else _parse_key(idempotency_key)
    digest = request_digest(request.method, request.url.path, await request.body())
    return Creation(session, wiring_of(request).clock, principal.caller, key, digest)


#: A parameter of every route that creates something. Declare the principal (`requires`) before it.
Creating = Annotated[Creation, Depends(_creation)]


def request_digest(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def _parse_key(header: str) -> str:
    """The draft standard requires a quoted string; unquoted keys are common and unambiguous, so they are accepted too."""
    if not _KEY.fullmatch(header):
        raise MalformedRequest.of("Idempotency-Key", "idempotency_key", "must be 1 to 128 visible ASCII characters")
    return header.strip('"')


def _headers(location: str | None, etag: str | None) -> dict[str, str]:
    headers = {"Location": location, "ETag": etag}
    return {name: value for name, value in headers.items() if value is not None}
