"""The map of demand on its page: what each symbol says, where it leads, and what it must not tell."""

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import quote

import pytest

from learners.adapters.provider_region_tables import ProviderRegionRow
from learners.entrypoints.demand_map import frame_near
from makersync.runtime.service import Context
from reference.map_points import load_map_points
from services.learners.tests.conftest import Caller
from services.learners.tests.events import REGION, Feed, signal
from services.learners.tests.introducing import candidate
from services.learners.tests.samples import BADGE
from tests.visiting.browser import Browser
from tests.visiting.weight import MOST_WITH_MAP, first_load

MILLING = "competency:machining.cnc-milling@3"
BADGES = f"credential:{BADGE}"
CLEVELAND, GUAM, LANCASTER = "17410", "nonmetro-GU", "29540"
_SYMBOL = re.compile(r'<a id="at-([^"]+)" href="([^"]+)" aria-label="([^"]+)"')


@pytest.fixture
async def learner_id(york: Caller) -> str:
    """With the learner, the region is the provider's."""
    return await candidate(york)


async def concern(context: Context, *regions: str, whose: str = "prv_york") -> None:
    """The regions are the provider's too."""
    async with context.store.transaction() as session:
        session.add_all([ProviderRegionRow(region=each, provider_id=whose) for each in regions])


def symbols(page: str) -> Mapping[str, tuple[str, str]]:
    """Where each symbol leads and what it is called, by region."""
    return {region: (unescape(to), unescape(said)) for region, to, said in _SYMBOL.findall(page)}


async def test_each_labour_market_is_a_symbol_of_what_is_most_blocked_there(
    instructor: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    """Guards: a symbol of another cell than the first in the list, and one whose colour alone says its level."""
    await concern(context, CLEVELAND)
    away = signal("ShortageRaised", 1, MILLING, region=CLEVELAND, level="balanced", demand=40_000, supply=12)
    await feed.batch(signal("ShortageRaised", 1, blocked=2), signal("ShortageRaised", 1, MILLING, blocked=7), away)
    page = (await instructor.open("/demand")).text
    found = symbols(page)
    assert set(found) == {REGION, CLEVELAND}
    assert found[CLEVELAND] == (
        f"/demand?region={CLEVELAND}",
        "Cleveland, OH: CNC milling, level 3, balanced, 40 positions, 12 people",
    )
    assert "level 3, severe, 9 positions, 1 person" in found[REGION][1]
    assert 'class="mark severe" d="M' in page and 'class="mark balanced" d="M' in page
    assert "the largest stands for 40." in page
    assert "style=" not in page


async def test_what_is_chosen_is_on_the_map_as_in_the_table(
    instructor: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    await concern(context, CLEVELAND)
    milling = signal("ShortageRaised", 1, MILLING, region=CLEVELAND, level="shortage")
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageRaised", 1, BADGES, region=CLEVELAND), milling)
    by_subject = (await instructor.open(f"/demand?subject={MILLING}")).text
    assert set(symbols(by_subject)) == {CLEVELAND}
    assert "York-Hanover, PA: no figures" in by_subject and f'value="{MILLING}" selected' in by_subject
    assert f"/demand/{CLEVELAND}/credential" not in by_subject
    assert set(symbols((await instructor.open("/demand?level=shortage")).text)) == {CLEVELAND}
    assert set(symbols((await instructor.open("/demand?kind=credential")).text)) == {CLEVELAND, REGION}
    never = (await instructor.open("/demand?subject=competency:none@1")).text
    assert symbols(never) == {} and "Nothing matches this filter" in never
    unknown = (await instructor.open("/demand?subject=nope")).text
    assert symbols(unknown) == {} and "Nothing matches this filter" in unknown


async def test_a_symbol_leads_nearer_and_then_to_its_cell(
    instructor: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    """Guards: a zoom that needs a script, and one that forgets what was chosen."""
    await concern(context, CLEVELAND)
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageRaised", 1, region=CLEVELAND))
    far = symbols((await instructor.open("/demand?kind=credential&view=country")).text)
    assert far[CLEVELAND][0] == f"/demand?region={CLEVELAND}&kind=credential"
    page = (await instructor.open(far[CLEVELAND][0])).text
    frame = frame_near(load_map_points()[CLEVELAND])
    assert f'viewBox="{frame.box}"' in page and "us-counties.svg#counties" in page
    assert symbols(page)[CLEVELAND][0] == f"/demand/{CLEVELAND}/{quote(BADGES)}"
    assert 'href="/demand?kind=credential">All of your labour markets' in page
    assert f"/demand/{REGION}/" not in page, "the table is of the chosen market"


async def test_the_map_shows_the_provider_s_part_of_the_country_or_all_of_it(
    instructor: Browser, learner_id: str, feed: Feed
) -> None:
    await feed.batch(signal("ShortageRaised", 1))
    near, far = (await instructor.open("/demand")).text, (await instructor.open("/demand?view=country")).text
    assert 'href="/demand?view=country">The whole country' in near and "0 0 975 610" not in near
    assert 'viewBox="0 0 975 610"' in far and "us-counties.svg" not in far and ">Only yours</a>" in far


async def test_markets_without_a_place_are_named_beside_the_map(
    instructor: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    """Guards: demand for remote work and on the islands of the Pacific that is in no symbol and unsaid."""
    await concern(context, "remote", GUAM)
    await feed.batch(signal("ShortageRaised", 1, region="remote", level="shortage"), signal("ShortageRaised", 1, region=GUAM))
    page = (await instructor.open("/demand")).text
    assert symbols(page) == {} and "Not on the map:" in page
    assert 'href="/demand?region=remote">Remote: CNC Milling: Operations, shortage' in page
    assert f"region={GUAM}" in page and f"/demand/{GUAM}/" in page
    assert (await instructor.open("/demand?region=remote")).status_code == 200


async def test_nothing_under_the_evidence_guard_is_on_the_map(
    instructor: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    """Guards: a size, a name or a place in the order that tells what the table does not show."""
    await concern(context, CLEVELAND)
    few = {"level": "insufficient_data", "level_ahead": "insufficient_data", "demand": 4321, "supply": 77, "blocked": 999}
    await feed.batch(signal("ShortageRevised", 1, **few), signal("ShortageRevised", 1, MILLING, **few | {"blocked": 1}))
    page = (await instructor.open("/demand")).text
    assert symbols(page) == {} and "York-Hanover, PA: no figures" in page
    guarded = (await instructor.open("/demand?level=insufficient_data")).text
    assert symbols(guarded)[REGION][1] == "York-Hanover, PA: too few openings for figures"
    for text in (page, guarded):
        assert "4.3" not in text and ">77<" not in text and "999" not in text
    assert "the largest stands for" not in guarded


async def test_others_markets_are_on_nobody_s_map(
    instructor: Browser, stranger: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    """Guards: a map that tells where another provider has learners."""
    await concern(context, CLEVELAND)
    await feed.batch(signal("ShortageRaised", 1), signal("ShortageRaised", 1, region=CLEVELAND))
    assert set(symbols((await instructor.open("/demand")).text)) == {REGION, CLEVELAND}
    own = (await stranger.open("/demand")).text
    assert "<svg role" not in own and "no labour markets of yours" in own
    looked_at = (await stranger.open(f"/demand?region={LANCASTER}")).text
    assert symbols(looked_at) == {} and "Lancaster, PA: no figures" in looked_at
    assert set(symbols((await stranger.open(f"/demand?region={REGION}")).text)) == {REGION}


async def test_a_map_of_three_hundred_markets_stays_light(
    instructor: Browser, learner_id: str, context: Context, feed: Feed
) -> None:
    """Guards: a page that takes seconds to come over a telephone, with counties and without them."""
    many = [each for each in sorted(load_map_points()) if each.isdigit() and each != REGION][:300]
    await concern(context, *many)
    await feed.batch(signal("ShortageRaised", 1), *(signal("ShortageRaised", 1, region=each) for each in many))
    page = (await instructor.open("/demand")).text
    assert len(symbols(page)) == 301 and 'href="#behind-map">Skip the map' in page
    for address in ("/demand", f"/demand?region={CLEVELAND}"):
        assert await first_load(instructor.http, address) <= MOST_WITH_MAP, address
