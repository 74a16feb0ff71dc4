"""The pages of operators at matching."""

from service_world import CREDENTIALS, REGION, World, award
from visits import operator_of, visitor_of

#: Akron, whose id is before Cleveland's.
SMALLER = "10420"


async def test_markets_are_listed_by_their_size(world: World) -> None:
    """The larger of two has the later id, and is first."""
    await world.opening()
    await world.opening("other", region=SMALLER, zip="44312")
    for learner in ("ann", "bob"):
        await world.learner(learner, award(CREDENTIALS[1]))
    await world.learner("cid", award(CREDENTIALS[1]), region=SMALLER, zip="44312")
    await world.settle()
    async with operator_of(world) as operator:
        home, page = await operator.open("/"), await operator.open("/markets")
    assert home.status_code == 303 and page.status_code == 200
    assert REGION in page.text and "Cleveland" in page.text
    assert SMALLER in page.text and page.text.index(REGION) < page.text.index(SMALLER)


async def test_a_service_of_which_nothing_was_heard_says_so(world: World) -> None:
    async with operator_of(world) as operator:
        assert "There are no markets yet" in (await operator.open("/markets")).text


async def test_whoever_is_not_signed_in_is_led_to_where_one_signs_in(world: World) -> None:
    async with visitor_of(world) as visitor:
        answer = await visitor.open("/markets")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fmarkets")
