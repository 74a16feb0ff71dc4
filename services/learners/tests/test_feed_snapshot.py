"""The snapshot of a provider's feed: with what follows it equals what is true, in pages of one section each."""

import pytest

from makersync.feed.numbering import Numbering
from makersync.http.pagination import encode_cursor

from .conftest import Caller
from .events import REGION, Feed, match, signal
from .following import Follower, snapshot_of
from .samples import accepted, erase, register
from .test_pathways import LATER, MILLING, SAFETY, ended, refreshed

LANCASTER_ZIP, LANCASTER = "17602", "29540"
CELL = "credential:nims:cnc-milling-operator"
OTHER_CELL = "competency:machining.cnc-milling@3"


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_the_snapshot_and_what_follows_it_equal_what_is_true_whatever_changes_between_its_pages(
    york: Caller, lima: Caller, feed: Feed, numbering: Numbering, limit: int
) -> None:
    ada, bob, cyd = sorted([await register(york) for _ in range(3)])
    await register(lima, zip=LANCASTER_ZIP)
    await feed.batch(
        *[match("MatchProposed", 1, each, opening) for each in (ada, bob) for opening in ("opn_1", "opn_2")],
        *[refreshed(1, each, {MILLING: 5}) for each in (ada, bob, cyd)],
        *[signal("ShortageRaised", 1), signal("ShortageRaised", 1, OTHER_CELL), signal("ShortageRaised", 1, region=LANCASTER)],
    )
    await numbering.number()
    follower, late = Follower(york), Follower(york)
    await follower.begin(limit)
    await feed.batch(
        *[match("MatchWithdrawn", 2, ada, "opn_1"), match("MatchRevised", 2, bob, "opn_2", score=1)],
        *[match("MatchProposed", 1, cyd, "opn_0"), ended(2, ada), refreshed(2, bob, {SAFETY: 1}, as_of=LATER)],
        *[signal("ShortageSilenced", 2, level="insufficient_data"), signal("ShortageRaised", 1, "credential:new")],
    )
    await late.begin(limit)
    await numbering.number()
    await erase(york, cyd)
    await register(york, zip=LANCASTER_ZIP)
    await feed.batch(signal("ShortageEased", 2, region=LANCASTER))
    for one in (follower, late):
        await one.read_on(limit)
    await numbering.number()
    for one in (follower, late):
        await one.follow()
        assert one.state == await snapshot_of(york, limit)
    assert sorted(follower.state) == sorted(
        [
            *[f"{ada}/opn_2", f"{bob}/opn_1", f"{bob}/opn_2", f"{bob}/{REGION}"],
            *[f"{REGION}/{CELL}", f"{REGION}/{OTHER_CELL}", f"{REGION}/credential:new", f"{LANCASTER}/{CELL}"],
        ]
    )
    for opening, found in {"opn_1": 8200, "opn_2": 1}.items():
        assert follower.state[f"{bob}/{opening}"]["score"] == found


async def test_a_page_has_items_of_one_section_and_is_empty_only_at_the_end(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageRaised", 1, OTHER_CELL), match("MatchProposed", 1, ada))
    pages, cursor = [], {}
    while True:
        page = accepted(await york.get("/v1/feed/snapshot", limit=2, **cursor))
        pages.append([item["type"] for item in page["items"]])
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == [["match.proposed"], ["signal.raised", "signal.raised"]]


async def test_a_cursor_that_is_not_of_this_snapshot_is_refused(york: Caller, lima: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(match("MatchProposed", 1, ada), match("MatchProposed", 1, ada, "opn_2"), signal("ShortageRaised", 1))
    within = accepted(await york.get("/v1/feed/snapshot", limit=1))["next_cursor"]
    between = accepted(await york.get("/v1/feed/snapshot", limit=2))["next_cursor"]
    position, section, rest = within.split(".")
    assert (section, between.split(".")[1]) == ("matches", "introductions")
    wrong = (f"0.invented.{rest}", f"0.{rest}", "0.signals.", "0.", "x", f"7.{section}.{rest}")
    for caller, cursors in ((york, wrong), (lima, (within, between, *wrong))):
        for cursor in (*cursors, f"{position}.signals.{encode_cursor('', ['a', 'b'])}"):
            answer = await caller.get("/v1/feed/snapshot", cursor=cursor)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor"), cursor
