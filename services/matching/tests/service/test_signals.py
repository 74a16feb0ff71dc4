"""From openings to shortage signals."""

from service_world import CREDENTIALS, REGION, World, award

from contracts.topics import COHORT
from makersync.envelope import Event

SUBJECT = f"credential:{CREDENTIALS[0]}"


async def signals(world: World) -> list[tuple[str, str]]:
    await world.settle()
    return [(e.type.rpartition(".Shortage")[2], e.data["level"]) for e in await shortages(world)]


async def shortages(world: World) -> list[Event]:
    return [event for event in await world.events() if event.type.startswith("matching.Shortage")]


async def demand(world: World, openings: int = 5) -> None:
    for number in range(openings):
        await world.opening(f"job-{number}", employer_id=f"works-{number % 3}")


async def test_a_cell_under_the_evidence_guard_publishes_nothing(world: World) -> None:
    await demand(world, openings=4)
    assert await signals(world) == []


async def test_unmet_demand_is_raised_with_every_component(world: World) -> None:
    await demand(world)
    await world.settle()
    [raised] = await shortages(world)
    assert raised.type == "matching.ShortageRaised"
    assert raised.subject == SUBJECT
    assert {name: raised.data[name] for name in ("level", "demand", "openings", "employers", "supply", "tightness")} == {
        "level": "severe",
        "demand": 5000,
        "openings": 5,
        "employers": 3,
        "supply": 0,
        "tightness": 3500,
    }
    assert raised.data["top_credentials"] == [CREDENTIALS[0]]


async def test_open_seats_of_a_cohort_count_in_the_pipeline(world: World) -> None:
    await world.cohort()
    await demand(world)
    await world.settle()
    [raised] = await shortages(world)
    assert raised.data["pipeline"] == 6


async def pipelines(world: World) -> list[int]:
    await world.settle()
    return [event.data["pipeline"] for event in await shortages(world)]


async def test_a_planned_cohort_is_answered_by_the_signal_of_its_region(world: World) -> None:
    await demand(world)
    assert await pipelines(world) == [0]
    await world.cohort()
    assert await pipelines(world) == [6]
    await world.cohort(seats=12)
    assert await pipelines(world) == [8]


async def test_enrolments_turn_open_seats_into_learners_in_training(world: World) -> None:
    """As the learners service publishes them: whoever takes a seat has an award in progress until the cohort's end. Two more
    near misses are published, and the pipeline is what it was: four seats and two learners."""
    await demand(world)
    await world.cohort()
    await pipelines(world)
    expected = award(CREDENTIALS[0], status="in_progress", issued_on=None, expected_on="2027-01-15")
    for number, name in enumerate(("ann", "bob"), start=5):
        await world.cohort(enrolled=number)
        await world.learner(name, expected | {"award_id": f"{name}-award"})
    assert await pipelines(world) == [6]
    await world.say(COHORT, "CohortCancelled", "class", {"cohort_id": "class", "region": REGION})
    assert await pipelines(world) == [2]


async def test_demand_that_goes_away_silences_the_signal(world: World) -> None:
    await demand(world)
    await signals(world)
    for number in range(5):
        await world.opening(f"job-{number}", "OpeningClosed", employer_id=f"works-{number % 3}", status="closed")
    assert await signals(world) == [("Silenced", "insufficient_data")]


async def test_supply_within_the_day_does_not_lower_the_level_before_it_may(world: World) -> None:
    """Down one step at a time, and only below nine tenths of the step's lower threshold."""
    await demand(world)
    await signals(world)
    for number in range(4):
        await world.learner(f"learner-{number}")
    assert [level for _, level in await signals(world)] != []
