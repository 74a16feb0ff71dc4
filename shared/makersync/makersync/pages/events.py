"""Tells an open page that something it shows has changed: the feed, as server-sent events without contents."""

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
from makersync.pages.site import Site, Visit

#: How long a page waits before its session is looked at again.
_LOOK_S = 15.0
#: Open pages of one organisation: several people have several each.
MOST_PAGES = 100
Concerns = Callable[[EntryView], bool]


def changes_route(site: Site, path: str, concerning: Callable[[Request], Concerns]) -> Route:
    """`changed` is sent after entries that concern the page. A page loads its contents again then, and after it has connected
    again, so that it needs no position."""

    async def changes(visit: Visit) -> Response:
        head = await FeedRepository(visit.session, visit.tenant).head()
        wanted = Wanted(visit.tenant, head.position)
        stream = _stream(site, visit.request, feed_in(visit.request), wanted, concerning(visit.request))
        return EventSourceResponse(stream, headers={**PAGE_HEADERS, "X-Accel-Buffering": "no"})

    return site.reading(path, changes)


async def _stream(site: Site, request: Request, feed: Feed, wanted: Wanted, concerns: Concerns) -> AsyncIterator[bytes]:
    with suppress(Gone, RetryLater, TooManyRequests):
        async with feed.watch.place(wanted.organisation_id, MOST_PAGES):
            yield format_sse_event(event="connected", data_str="")
            while not feed.watch.is_over:
                if await feed.watch.beyond(wanted.organisation_id, wanted.after, _LOOK_S):
                    view = await feed.read(wanted)
                    wanted = replace(wanted, after=view.position)
                    if any(map(concerns, view.entries)):
                        yield format_sse_event(event="changed", data_str="")
                    continue
                if not await site.is_signed_in(request):
                    return
                yield format_sse_event(comment="")
