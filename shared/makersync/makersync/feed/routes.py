"""The routes of a feed: its entries, at once or when there is news, as a stream, and the snapshot to begin with."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from makersync.errors import RetryLater
from makersync.feed.reading import Feed, Wanted
from makersync.feed.repository import FeedRepository
from makersync.feed.sections import Snapshot
from makersync.feed.views import FeedView, SnapshotView
from makersync.http.pagination import PageQuery, PageRequest
from makersync.http.problems import Gone, MalformedRequest, Unauthorized, ValidationProblem
from makersync.http.routing import CheckedRoute
from makersync.http.security import Principal, identify_again, requires
from makersync.http.wiring import Reading

LONGEST_WAIT_S = 30
MOST_ENTRIES = 1000
#: How long a stream waits before it makes sure that the key is still valid.
STREAM_LOOK_S = 15.0
LAST_POSITION = 2**63 - 1

After = Annotated[
    int,
    Query(ge=0, le=LAST_POSITION, description="The position after which to read; 0: from the beginning.", examples=[4711]),
]


@dataclass(frozen=True, slots=True)
class FeedOffer:
    """What the feed of a service has: the meaning of each type of entry, and a page of what is true for an organisation."""

    scope: str
    types: Mapping[str, str]
    snapshot: Snapshot


def feed_routes(offer: FeedOffer) -> APIRouter:
    """The routes for organisations whose key has the offer's scope; operators have no feed. The application that has them has
    the feed itself as `app.state.feed`."""
    router = APIRouter(tags=["feed"], route_class=CheckedRoute)
    _add_entries(router, offer)
    _add_stream(router, offer)
    _add_snapshot(router, offer)
    return router


def feed_in(request: Request) -> Feed:
    feed = request.app.state.feed
    assert isinstance(feed, Feed)
    return feed


ServedFeed = Annotated[Feed, Depends(feed_in)]


def _types(offer: FeedOffer) -> Callable[..., Sequence[str]]:
    listed = "; ".join(f"`{name}`: {meaning}" for name, meaning in offer.types.items())

    def known(
        types: Annotated[
            str | None,
            Query(
                max_length=1000, description=f"Types of entries, separated by commas; absent: all. {listed}", examples=[None]
            ),
        ] = None,
    ) -> Sequence[str]:
        wanted = [] if types is None else types.split(",")
        if any(name not in offer.types for name in wanted):
            raise ValidationProblem.of("types", "unknown_entry_type", f"must be among {', '.join(offer.types)}")
        return wanted

    return known


def _add_entries(router: APIRouter, offer: FeedOffer) -> None:
    @router.get("/v1/feed", summary="Read what has changed since a position")
    async def read_feed(
        principal: Annotated[Principal, Depends(requires(offer.scope))],
        types: Annotated[Sequence[str], Depends(_types(offer))],
        feed: ServedFeed,
        after: After = 0,
        wait: Annotated[
            int, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for the first entry when there is none.")
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES, description="The most entries that the answer may have.")] = 200,
    ) -> FeedView:
        """Every change that concerns the organisation, with the whole state after it, oldest first. Positions have no gaps,
        and what is read once does not change its place. Begin with `GET /v1/feed/snapshot`, or with `after=0`. With `wait` the
        answer comes as soon as there is an entry of the types wanted, or after so many seconds without. Entries are kept for 30
        days, unless the operators have set another number; a position before that is answered with 410: read the snapshot."""
        return await feed.read_news(Wanted(principal.tenant, after, types, limit), wait)


def _add_snapshot(router: APIRouter, offer: FeedOffer) -> None:
    @router.get("/v1/feed/snapshot", summary="Read what is true now, and the position to go on from")
    async def read_feed_snapshot(
        principal: Annotated[Principal, Depends(requires(offer.scope))], session: Reading, page: PageQuery
    ) -> SnapshotView:
        """Read all pages, and then the feed from `position`, which is the same on all of them. A change during the reading may
        already be in a later page; its entry follows nevertheless, and says the same."""
        head = await FeedRepository(session, principal.tenant).head()
        position, page = _positioned(page, head.position)
        found = await offer.snapshot(session, principal.tenant, page)
        return SnapshotView(
            items=found.items,
            position=position,
            complete_to=head.complete_to,
            next_cursor=None if found.next_cursor is None else f"{position}.{found.next_cursor}",
        )


def _positioned(page: PageRequest, position: int) -> tuple[int, PageRequest]:
    """The position of the first page, which the cursor of a later one carries. Raises MalformedRequest."""
    if page.cursor is None:
        return position, page
    first, _, cursor = page.cursor.partition(".")
    if not (first.isascii() and first.isdecimal()) or int(first) > position:
        raise MalformedRequest.of("cursor", "cursor", "must be the next_cursor of a page of this snapshot")
    return int(first), replace(page, cursor=cursor)


def _add_stream(router: APIRouter, offer: FeedOffer) -> None:
    async def opened(
        principal: Annotated[Principal, Depends(requires(offer.scope))],
        types: Annotated[Sequence[str], Depends(_types(offer))],
        feed: ServedFeed,
        after: After = 0,
        last_event_id: Annotated[
            int | None,
            Header(ge=0, le=LAST_POSITION, description="The position that the stream before ended at; it goes before `after`."),
        ] = None,
    ) -> AsyncIterator[tuple[Wanted, FeedView]]:
        wanted = Wanted(principal.tenant, after if last_event_id is None else last_event_id, types)
        async with feed.watch.place(principal.tenant):
            yield wanted, await feed.read(wanted)

    @router.get("/v1/feed/events", summary="Receive changes as they come", response_class=EventSourceResponse)
    async def stream_feed(
        request: Request, feed: ServedFeed, start: Annotated[tuple[Wanted, FeedView], Depends(opened)]
    ) -> AsyncIterator[ServerSentEvent]:
        """The feed as server-sent events: `id` is the position, `event` the type, `data` the entry. Whoever connects again with
        `Last-Event-ID`, as browsers do by themselves, misses nothing. A comment is sent every 15 s in quiet times. The
        stream ends when the key is no longer valid, when the client does not read, and when the service stops or lacks its
        database."""
        with suppress(Gone, RetryLater):
            async for event in _events(request, feed, *start):
                yield event


async def _events(request: Request, feed: Feed, wanted: Wanted, view: FeedView) -> AsyncIterator[ServerSentEvent]:
    """Raises Gone when the feed starts over, and RetryLater: an answer that has begun can only end."""
    while True:
        for entry in view.entries:
            yield ServerSentEvent(id=str(entry.position), event=entry.type, data=entry)
        wanted = replace(wanted, after=view.position)
        if not view.more and not await _awaits_news(request, feed, wanted):
            return
        view = await feed.read(wanted)


async def _awaits_news(request: Request, feed: Feed, wanted: Wanted) -> bool:
    """Wait until there is something to read; False when the stream has to end."""
    while not await feed.watch.beyond(wanted.organisation_id, wanted.after, STREAM_LOOK_S):
        if feed.watch.is_over or not await _is_admitted(request):
            return False
    return await _is_admitted(request)


async def _is_admitted(request: Request) -> bool:
    try:
        await identify_again(request)
    except Unauthorized:
        return False
    return True
