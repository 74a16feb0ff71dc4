"""An employer of the demo asks about one more opening, and the answer is one line."""

import pytest

from demo.client.issued_ids import IssuedIds
from demo.market.cast import empty_cast
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import MarketPlan
from demo.running.opening_preview import OpeningPreview, range_words
from demo.running.submitting import Submitter
from demo.showing.narration import Narrator

from .conftest import DAY
from .services import Services


def counted(at_least: int, fewer_than: int) -> dict[str, int]:
    return {"at_least": at_least, "fewer_than": fewer_than}


async def at_work(services: Services, published: bool = True) -> OpeningPreview:
    market, ids, cast = GeneratedMarket(MarketPlan(("48620",), 1, 1, 1, DAY)), IssuedIds(), empty_cast()
    submitter = Submitter(services.clients(), ids)
    for employer in market.employers():
        await submitter.admit(employer)
    for opening in market.openings() if published else ():
        cast.openings.add(opening.key, opening)
        await submitter.publish(opening)
    services.asked.clear()
    return OpeningPreview(services.clients(), ids, cast, Narrator(market.atlas, ids))


async def test_the_counts_are_said_in_one_line() -> None:
    """The body is one that would be published as it is."""
    services, said = Services(), list[str]()
    preview = await at_work(services)
    counts = {"in_reach": counted(40, 45), "qualified": counted(1, 5), "near_misses": counted(0, 1)}
    services.routes["/v1/openings/preview"] = lambda: {"reach": counts}
    await preview.tell(said.append)
    [line] = said
    assert line.startswith("[preview] Synthetic Works ")
    assert line.endswith(": 40 to 44 in reach, fewer than 5 qualified, none one requirement away")
    [asked] = services.asked
    assert asked.body["groups"]


async def test_counts_that_do_not_come_are_said_too() -> None:
    services, said = Services(), list[str]()
    preview = await at_work(services)
    services.routes["/v1/openings/preview"] = lambda: {"reach": None}
    await preview.tell(said.append)
    assert said[0].endswith("have not come within 15 s")


async def test_without_an_opening_nobody_is_asked() -> None:
    services, said = Services(), list[str]()
    preview = await at_work(services, published=False)
    await preview.tell(said.append)
    assert (said, services.asked) == (["No employer has an opening to ask about."], [])


@pytest.mark.parametrize(
    ("bounds", "words"),
    [((0, 1), "none"), ((1, 5), "fewer than 5"), ((0, 5), "fewer than 5"), ((5, 10), "5 to 9"), ((0, 10), "fewer than 10")],
)
def test_a_range_is_said_in_words(bounds: tuple[int, int], words: str) -> None:
    assert range_words(counted(*bounds)) == words
