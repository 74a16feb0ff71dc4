"""A snapshot of several sections, one after the other, under one cursor."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.views import SnapshotItem
from makersync.http.pagination import Page, PageRequest
from makersync.http.problems import MalformedRequest

#: A page of what is true for an organisation.
Snapshot = Callable[[AsyncSession, str, PageRequest], Awaitable[Page[SnapshotItem]]]


def in_sections(sections: Mapping[str, Snapshot]) -> Snapshot:
    """The snapshot that has all of them, in their order. A page has items of one section: the last one of a section may be
    short. The names are part of the cursors, and have no dot."""
    names = list(sections)

    async def snapshot(session: AsyncSession, organisation_id: str, page: PageRequest) -> Page[SnapshotItem]:
        first, cursor = _place(names, page)
        for name, following in zip(names[first:], [*names[first + 1 :], None], strict=True):
            found = await sections[name](session, organisation_id, replace(page, cursor=cursor))
            if found.next_cursor is not None:
                return Page[SnapshotItem](items=found.items, next_cursor=f"{name}.{found.next_cursor}")
            if following is None:
                break
            if found.items:
                return Page[SnapshotItem](items=found.items, next_cursor=f"{following}.{page.list_id}")
            cursor = None
        return found

    return snapshot


def _place(names: list[str], page: PageRequest) -> tuple[int, str | None]:
    """The number of the section, and the cursor in it; the beginning of a section has the list's id instead. Raises
    MalformedRequest."""
    if page.cursor is None:
        return 0, None
    name, _, cursor = page.cursor.partition(".")
    if name not in names:
        raise MalformedRequest.of("cursor", "cursor", "must be the next_cursor of a page of this snapshot")
    return names.index(name), None if cursor == page.list_id else cursor
