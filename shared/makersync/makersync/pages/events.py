"""Tells an open page that something it shows has changed: the feed, as server-sent events without contents."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace

from fastapi import Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.routing import Route

from makersync.errors import RetryLater
from makersync.feed.reading import Feed, Wanted
from makersync.feed.repository import FeedRepository
from makersync.feed.routes import feed_in
from makersync.feed.views import EntryView
from makersync.http.problems import Gone, TooManyRequests
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.site import Site
from makersync.pages.visit import Visit

#: How long a page waits before its session is looked at again.
_LOOK_S = 15.0
#: Open pages of one organisation: several people have several each.
MOST_PAGES = 100
#: However much happens, a page loads its contents no more often.
_PAUSE_S = 1.0
Concerns = Callable[[EntryView], bool]


def changes_route(site: Site, path: str, scope: str, concerning: Callable[[Request], Concerns]) -> Route:
    """`changed` is sent after entries that concern the page, at most once a second. A page loads its contents again then, and
    after it has connected again, so that it needs no position."""

    async def changes(visit: Visit) -> Response:
        visit.demand(scope)
        head = await FeedRepository(visit.session, visit.tenant).head()
        wanted = Wanted(visit.tenant, head.position)
        stream = _stream(site, visit.request, feed_in(visit.request), wanted, concerning(visit.request))
        return EventSourceResponse(stream, headers={**PAGE_HEADERS, "X-Accel-Buffering": "no"})

    return site.reading(path, changes)


async def _stream(site: Site, request: Request, feed: Feed, wanted: Wanted, concerns: Concerns) -> AsyncIterator[bytes]:
    """The session is looked at before each event, and when nothing has happened for a while; its end is told as a change."""
    with suppress(Gone, RetryLater, TooManyRequests):
        async with feed.watch.place(wanted.organisation_id, "pages", MOST_PAGES):
            yield format_sse_event(event="connected", data_str="")
            while not feed.watch.is_over:
                is_changed = False
                if await feed.watch.beyond(wanted.organisation_id, wanted.after, _LOOK_S):
                    view = await feed.read(wanted)
                    wanted = replace(wanted, after=view.position)
                    is_changed = any(map(concerns, view.entries))
                if not await site.is_signed_in(request):
                    # What the page loads then leads to where one signs in.
                    yield format_sse_event(event="changed", data_str="")
                    return
                yield format_sse_event(event="changed", data_str="") if is_changed else format_sse_event(comment="")
                await asyncio.sleep(_PAUSE_S)
