"""Reads what was done in an organisation: filtered, in pages, with who did it in words."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.exports import Row
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.members.tables import MemberRow
from makersync.store.activity import PLATFORM
from makersync.store.actors import key_actor, key_id_of, member_actor, member_id_of
from makersync.store.tables import ActivityRow, ApiKeyRow

_NEWEST_FIRST = Order((col(ActivityRow.id),), newest_first=True)
_ROWS_AT_ONCE = 1000
#: Of so many last acts the kinds are offered to choose from.
_LAST = 1000


@dataclass(frozen=True, slots=True)
class Act:
    """`who` says in words who did it: a person's name, a key's, or what is left to be said."""

    at: datetime
    actor: str
    who: str
    action: str
    subject: str
    about: str
    detail: Mapping[str, str]

    @property
    def words(self) -> str:
        """`Opening published`."""
        return self.action.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which acts are shown; None means any. `subject` is the id of what they were about."""

    action: str | None = None
    actor: str | None = None
    subject: str | None = None


class Activity:
    """Of one organisation; there is no other."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session, self._organisation_id = session, organisation_id

    async def listed(self, wanted: ActivityFilter, page: PageRequest) -> Page[Act]:
        """Newest first. Raises MalformedRequest naming `cursor`."""
        mine = select(ActivityRow).where(ActivityRow.organisation_id == self._organisation_id)
        for column, value in (
            (col(ActivityRow.action), wanted.action),
            (col(ActivityRow.actor), wanted.actor),
            (col(ActivityRow.subject), wanted.subject),
        ):
            if value is not None:
                mine = mine.where(column == value)
        found: Page[ActivityRow] = await page_of(self._session, mine, _NEWEST_FIRST, page, lambda row: row)
        names = await self._names(found.items)
        return found.map(lambda row: _act(row, names))

    async def rows(self) -> AsyncIterator[Row]:
        """All of them, oldest first, as rows of a file."""
        last = 0
        while True:
            mine = select(ActivityRow).where(ActivityRow.organisation_id == self._organisation_id, col(ActivityRow.id) > last)
            some = (await self._session.exec(mine.order_by(col(ActivityRow.id)).limit(_ROWS_AT_ONCE))).all()
            names = await self._names(some)
            for each in (_act(row, names) for row in some):
                detail = ", ".join(f"{name}: {value}" for name, value in each.detail.items())
                yield each.at, each.actor, each.who, each.action, each.subject, detail
            if len(some) < _ROWS_AT_ONCE:
                return
            last = some[-1].id or 0

    async def actions(self) -> Sequence[str]:
        """The kinds of acts among the last ones."""
        mine = select(ActivityRow.action).where(ActivityRow.organisation_id == self._organisation_id)
        last = mine.order_by(col(ActivityRow.id).desc()).limit(_LAST).subquery()
        return sorted((await self._session.exec(select(last.c.action).distinct())).all())

    async def name_of(self, actor: str) -> str:
        """A member, key or other actor in words."""
        keys, members = key_id_of(actor), member_id_of(actor)
        known = {**await self._members([members] if members else []), **await self._keys([keys] if keys else [])}
        return _who(actor, known)

    async def _names(self, rows: Sequence[ActivityRow]) -> Mapping[str, str]:
        """The names of those members and keys that there still are, by `member:<id>` and `key:<id>`."""
        actors = {row.actor for row in rows}
        members = {member_id for each in actors if (member_id := member_id_of(each)) is not None} | {
            row.subject for row in rows
        }
        keys = {key_id for each in actors if (key_id := key_id_of(each)) is not None}
        return {**await self._members(members), **await self._keys(keys)}

    async def _members(self, ids: Collection[str]) -> Mapping[str, str]:
        mine = select(MemberRow.member_id, MemberRow.name).where(
            col(MemberRow.member_id).in_(ids), MemberRow.organisation_id == self._organisation_id
        )
        return {member_actor(member_id): name for member_id, name in await self._session.exec(mine)}

    async def _keys(self, ids: Collection[str]) -> Mapping[str, str]:
        mine = select(ApiKeyRow.id, ApiKeyRow.name).where(
            col(ApiKeyRow.id).in_(ids), col(ApiKeyRow.organisation_id) == self._organisation_id
        )
        return {key_actor(key_id): f"API key {name}" for key_id, name in await self._session.exec(mine)}


def _act(row: ActivityRow, names: Mapping[str, str]) -> Act:
    about = names.get(member_actor(row.subject), row.subject)
    return Act(row.at, row.actor, _who(row.actor, names), row.action, row.subject, about, row.detail)


def _who(actor: str, names: Mapping[str, str]) -> str:
    if actor in names:
        return names[actor]
    if actor == PLATFORM:
        return "An operator of the platform"
    if member_id_of(actor) is not None:
        return "A former member"
    return "A key that is forgotten" if key_id_of(actor) is not None else "Another organisation"
