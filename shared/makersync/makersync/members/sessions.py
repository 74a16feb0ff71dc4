"""Browsers in which members are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keyed_hashes import LONGEST_TOKEN, KeyedHashes, new_token
from makersync.http.keys import Principal
from makersync.members.browsers import browser_in_words
from makersync.members.offer import MembersOffer
from makersync.members.tables import MemberRow, MemberSessionRow
from makersync.store.activity import Acting
from makersync.store.actors import member_actor

#: A session ends so long after its last request, and so long after its beginning (ASVS 5.0, 7.3.1 and 7.3.2).
IDLE, LONGEST = timedelta(hours=8), timedelta(days=7)
#: How old what is known of the last request may become.
SEEN_EVERY = timedelta(minutes=1)
_LONGEST_AGENT = 200
#: More sessions of one member are not listed.
_SHOWN = 100
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request came from: the address of the network, what the browser calls itself, and the token of the session that
    it had before."""

    peer: str
    agent: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The member behind a request. `principal` may do what a key with the role's scopes may; `form_token` is in every form.
    `belongs_to` is what the member's row names as the organisation."""

    principal: Principal
    name: str
    address: str
    role: str
    belongs_to: str
    digest: str
    seen_at: datetime
    form_token: str

    @property
    def member_id(self) -> str:
        return self.principal.actor_id

    @property
    def acting(self) -> Acting:
        return Acting(self.belongs_to, member_actor(self.member_id))


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its member sees it. `session_id` is no secret: nobody can sign in with it."""

    session_id: str
    browser: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


class Sessions:
    """The sessions of a service, in one database session."""

    def __init__(self, session: AsyncSession, pepper: bytes, clock: Clock, offer: MembersOffer) -> None:
        self._session, self._clock, self._offer = session, clock, offer
        self._hashes, self._forms = KeyedHashes(pepper, "member session"), KeyedHashes(pepper, "member form")

    def now(self) -> datetime:
        return self._clock.now()

    async def begin(self, member_id: str, caller: Caller) -> str:
        """The token of a new session, which cannot be read again. The browser's session before ends."""
        if 0 < len(caller.token) <= LONGEST_TOKEN:
            await self.end(self._hashes.of(caller.token))
        token, now = new_token(), self._clock.now()
        shown = "".join(each for each in caller.agent if each.isprintable())[:_LONGEST_AGENT]
        row = MemberSessionRow(digest=self._hashes.of(token), member_id=member_id, agent=shown, began_at=now, seen_at=now)
        self._session.add(row)
        await self._session.flush()
        return token

    async def find(self, token: str) -> SignedIn | None:
        """Who is signed in with this token; None when it is unknown, or its session or its member has ended."""
        if len(token) > LONGEST_TOKEN:
            return None
        digest = self._hashes.of(token)
        both = select(MemberSessionRow, MemberRow).join(MemberRow, col(MemberRow.member_id) == col(MemberSessionRow.member_id))
        found = (await self._session.exec(both.where(MemberSessionRow.digest == digest, *self._lives()))).first()
        if found is None:
            return None
        row, member = found
        principal = self._offer.principal(member.member_id, member.organisation_id, member.role)
        return SignedIn(
            principal=principal,
            name=member.name,
            address=member.address,
            role=member.role,
            belongs_to=member.organisation_id,
            digest=digest,
            seen_at=row.seen_at,
            form_token=self._forms.of(token),
        )

    async def touch(self, signed_in: SignedIn) -> None:
        """Keep the session from ending for want of requests."""
        mine = col(MemberSessionRow.digest) == signed_in.digest
        await self._session.exec(update(MemberSessionRow).where(mine).values(seen_at=self._clock.now()))

    @staticmethod
    def is_stale(signed_in: SignedIn, now: datetime) -> bool:
        """Whether `touch` is due."""
        return now - signed_in.seen_at >= SEEN_EVERY

    async def of_member(self, signed_in: SignedIn) -> Sequence[OwnSession]:
        """The member's sessions that live, those seen last first."""
        mine = select(MemberSessionRow).where(MemberSessionRow.member_id == signed_in.member_id, *self._lives())
        rows = (await self._session.exec(mine.order_by(col(MemberSessionRow.seen_at).desc()).limit(_SHOWN))).all()
        return [
            OwnSession(
                session_id=_id_of(row.digest),
                browser=browser_in_words(row.agent),
                began_at=row.began_at,
                seen_at=row.seen_at,
                is_this=row.digest == signed_in.digest,
            )
            for row in rows
        ]

    async def end_one(self, signed_in: SignedIn, session_id: str) -> bool:
        """End a session of the member's own. Returns False when there is no such one."""
        mine = select(MemberSessionRow.digest).where(MemberSessionRow.member_id == signed_in.member_id)
        ended = [each for each in await self._session.exec(mine) if _id_of(each) == session_id]
        for digest in ended:
            await self.end(digest)
        return bool(ended)

    async def end_others(self, signed_in: SignedIn) -> int:
        """End the member's sessions but this one; returns how many."""
        others = (col(MemberSessionRow.member_id) == signed_in.member_id, col(MemberSessionRow.digest) != signed_in.digest)
        return (await self._session.exec(delete(MemberSessionRow).where(*others))).rowcount

    async def end(self, digest: str) -> None:
        await self._session.exec(delete(MemberSessionRow).where(col(MemberSessionRow.digest) == digest))

    @staticmethod
    async def forget(session: AsyncSession, now: datetime) -> int:
        """Delete the sessions that have ended; returns how many."""
        over = or_(col(MemberSessionRow.seen_at) <= now - IDLE, col(MemberSessionRow.began_at) <= now - LONGEST)
        return (await session.exec(delete(MemberSessionRow).where(over))).rowcount

    def _lives(self) -> tuple[ColumnElement[bool], ...]:
        now = self._clock.now()
        return (
            col(MemberSessionRow.seen_at) > now - IDLE,
            col(MemberSessionRow.began_at) > now - LONGEST,
        )


def _id_of(digest: str) -> str:
    return digest[:_ID_LENGTH]
