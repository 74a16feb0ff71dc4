"""API keys: `mks_<id>_<secret>`. The database stores only a keyed hash of the token."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, not_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import KeyedHashes, keyed_hash
from makersync.http.problems import Forbidden, Unauthorized
from makersync.store.actors import key_actor, member_actor
from makersync.store.tables import ApiKeyRow

OPERATOR = "operator"
SECRET_BYTES = 32
#: How the ids of members begin; those of keys are hexadecimal.
MEMBER_ID = "mem_"
#: Every rotation leaves an ended key; a list shows at most this many of them.
ENDED_SHOWN = 200

_TOKEN = re.compile(r"mks_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")

_NEWEST_FIRST = (col(ApiKeyRow.created_at).desc(), col(ApiKeyRow.id).desc())


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: one key of an organisation, or of the operators; or a member who is signed in. `actor_id` is the id of that
    key or member."""

    actor_id: str
    organisation_id: str | None
    scopes: frozenset[str]

    @property
    def is_operator(self) -> bool:
        return self.organisation_id is None and OPERATOR in self.scopes

    @property
    def is_member(self) -> bool:
        """Whether it is a person who is signed in."""
        return self.actor_id.startswith(MEMBER_ID)

    @property
    def tenant(self) -> str:
        """The organisation whose data the caller may see. Raises Forbidden for an operator."""
        if self.organisation_id is None:
            raise Forbidden("organisations_only", "This is for organisations; the caller is an operator.")
        return self.organisation_id

    @property
    def caller(self) -> str:
        """The owner of idempotency keys: the organisation, whichever of its API keys it uses, or the operator's key, or the
        operator who is signed in."""
        if self.organisation_id is not None:
            return f"organisation:{self.organisation_id}"
        return member_actor(self.actor_id) if self.is_member else key_actor(self.actor_id)

    def may(self, scope: str) -> bool:
        """Whether the caller holds `scope`. Only operators hold `operator` and the scopes below it, never an organisation."""
        if scope == OPERATOR or scope.startswith(f"{OPERATOR}:"):
            return self.is_operator
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """What a new key is for. Without an organisation it is an operator's key. `replaces` is the key that is rotated into it."""

    organisation_id: str | None
    name: str
    scopes: Collection[str]
    expires_at: datetime | None = None
    replaces: str | None = None


def issue_key(session: AsyncSession, pepper: bytes, clock: Clock, grant: KeyGrant) -> tuple[ApiKeyRow, str]:
    """Add a new key and return it with its token, which cannot be read again."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(SECRET_BYTES)
    token = f"mks_{key_id}_{secret}"
    row = ApiKeyRow(
        id=key_id,
        organisation_id=grant.organisation_id,
        name=grant.name,
        scopes=sorted(grant.scopes),
        digest=keyed_hash(pepper, token),
        created_at=clock.now(),
        expires_at=grant.expires_at,
        replaces=grant.replaces,
    )
    session.add(row)
    return row, token


def is_live(row: ApiKeyRow, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


async def authenticate(session: AsyncSession, pepper: bytes, clock: Clock, token: str) -> Principal:
    """The principal of a token. Raises Unauthorized if the token is unknown, revoked or expired."""
    match = _TOKEN.fullmatch(token)
    row = await session.get(ApiKeyRow, match[1]) if match else None
    digest = keyed_hash(pepper, token)
    if row is None or not KeyedHashes.is_same(row.digest, digest):
        raise Unauthorized("key_unknown", "The API key is not known.")
    if row.revoked_at is not None:
        raise Unauthorized("key_revoked", "The API key was revoked.")
    if row.expires_at is not None and row.expires_at <= clock.now():
        raise Unauthorized("key_expired", "The API key has expired.")
    return Principal(row.id, row.organisation_id, frozenset(row.scopes))


async def keys_of(session: AsyncSession, organisation_id: str | None, now: datetime) -> list[ApiKeyRow]:
    """The keys of an organisation, or of the operators, newest first: all valid ones, and the newest that have ended."""
    mine = select(ApiKeyRow).where(col(ApiKeyRow.organisation_id) == organisation_id)
    ended = mine.where(not_(lives(now))).order_by(*_NEWEST_FIRST).limit(ENDED_SHOWN)
    found = [*await session.exec(mine.where(lives(now))), *await session.exec(ended)]
    return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)


def lives(now: datetime) -> ColumnElement[bool]:
    """`is_live` as an SQL condition."""
    expires = col(ApiKeyRow.expires_at)
    return and_(col(ApiKeyRow.revoked_at).is_(None), or_(expires.is_(None), expires > now))
