"""Whose pathway is looked at when: a set rate bounds what one opening can cause."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain.pathways.refresh_plan import AT_ONCE, Overdue, RefreshPace, RefreshPlan

HOUR = 3600.0
CLEVELAND, AKRON = "17410", "10420"
CROWD = [f"l{number}" for number in range(200_000)]


def looks(
    plan: RefreshPlan, pace: RefreshPace, seconds: list[float], everybody: dict[str, list[str]]
) -> list[tuple[float, str]]:
    """When whom, as a loop does that asks at these seconds."""
    seen: list[tuple[float, str]] = []
    for now in seconds:
        if plan.due(now, pace):
            seen += [(now, learner_id) for _, learner_id in plan.take(now, pace, lambda region: everybody.get(region, []))]
    return seen


def every(step: float, until: float, start: float = 0.0) -> list[float]:
    return [start + step * number for number in range(int(until / step) + 1)]


def test_one_opening_among_200_000_learners_causes_no_more_than_the_rate_allows() -> None:
    plan, pace = RefreshPlan(0.0), RefreshPace(500, HOUR)
    plan.region_changed(CLEVELAND)
    seen = looks(plan, pace, every(0.125, 420), {CLEVELAND: CROWD})
    assert sorted(learner_id for _, learner_id in seen) == sorted(CROWD)
    for count, (now, _) in enumerate(seen, start=1):
        assert count <= 500 * (now + 1)
    assert 398 <= seen[-1][0] <= 401


def test_a_round_asks_for_no_more_than_a_transaction_should_hold() -> None:
    for rate, most in ((500, AT_ONCE), (100_000, 10_000)):
        plan, pace = RefreshPlan(0.0), RefreshPace(rate, HOUR)
        plan.region_changed(CLEVELAND)
        assert [len(plan.take(0.0, pace, lambda _: CROWD)) for _ in range(2)] == [most, most]


def test_a_steady_stream_of_urgent_ones_does_not_keep_a_sweep_waiting() -> None:
    """Guards: in a busy partition nearly every batch brings an urgent one, and its regions would never be swept."""
    plan, pace, swept = RefreshPlan(0.0), RefreshPace(50, HOUR, 10, 5), set()
    plan.region_changed(AKRON)
    for batch in range(100):
        plan.subject_changed(CLEVELAND, f"o{batch}")
        swept |= {each for region, each in plan.take(batch / 10, pace, lambda _: CROWD[:200]) if region == AKRON}
    assert swept == set(CROWD[:200])


@settings(max_examples=60, deadline=None)
@given(
    rate=st.integers(1, 50),
    steps=st.lists(
        st.tuples(
            st.integers(0, 40).map(lambda eighths: eighths / 8), st.sampled_from(["learner", "region", "other"]), st.booleans()
        ),
        max_size=60,
    ),
)
def test_no_history_exceeds_the_rate(rate: int, steps: list[tuple[float, str, bool]]) -> None:
    """Whatever changes, and whether the loop comes for a batch or because something is due."""
    plan, pace, now, count = RefreshPlan(0.0), RefreshPace(rate, 2), 0.0, 0
    for number, (wait, what, has_batch) in enumerate(steps):
        now += wait
        if what == "learner":
            plan.subject_changed(CLEVELAND, f"u{number}")
        else:
            plan.region_changed(CLEVELAND if what == "region" else AKRON)
        if has_batch or plan.due(now, pace):
            count += len(plan.take(now, pace, lambda _: CROWD[:30]))
        assert count <= rate * (now + 1)


def test_a_pace_may_allow_fewer_at_once() -> None:
    """Guards that what takes longer to look at keeps no batch of matches waiting."""
    plan, pace = RefreshPlan(0.0), RefreshPace(rate=100, interval_s=HOUR, at_once=20)
    plan.region_changed(CLEVELAND)
    assert [len(plan.take(0.0, pace, lambda _: CROWD)) for _ in range(2)] == [20, 20]


def test_who_changed_comes_before_a_sweep_that_is_under_way() -> None:
    plan, pace = RefreshPlan(0.0), RefreshPace(100, HOUR)
    plan.region_changed(CLEVELAND)
    looks(plan, pace, [0.0], {CLEVELAND: CROWD})
    plan.subject_changed(AKRON, "ann")
    [first, *_] = looks(plan, pace, [0.01, 0.02, 0.3], {})
    assert first == (0.01, "ann")


def test_a_region_is_swept_once_an_interval_and_only_when_it_changed() -> None:
    plan, pace = RefreshPlan(0.0), RefreshPace(500, 60)
    everybody = {CLEVELAND: ["ann", "bob"], AKRON: ["cid"]}
    plan.region_changed(CLEVELAND)
    assert looks(plan, pace, every(1, 10), everybody) == [(0.0, "ann"), (0.0, "bob")]
    plan.region_changed(CLEVELAND)
    plan.region_changed(CLEVELAND)
    plan.region_changed(AKRON)
    assert looks(plan, pace, every(1, 50, start=11), everybody) == [(11, "cid"), (60, "ann"), (60, "bob")]
    assert looks(plan, pace, every(10, 500, start=70), everybody) == []


def test_who_left_is_not_looked_at() -> None:
    plan, pace = RefreshPlan(0.0), RefreshPace(500, HOUR)
    plan.subject_changed(CLEVELAND, "ann")
    plan.subject_changed(CLEVELAND, "bob")
    plan.subject_left(CLEVELAND, "ann")
    plan.subject_left(CLEVELAND, "cid")
    assert looks(plan, pace, [0.0], {}) == [(0.0, "bob")]


def test_empty_regions_keep_nobody_waiting() -> None:
    plan, pace = RefreshPlan(0.0), RefreshPace(500, HOUR)
    for region in ("a", "b", CLEVELAND, "c"):
        plan.region_changed(region)
    assert looks(plan, pace, [0.0], {CLEVELAND: ["ann"]}) == [(0.0, "ann")]
    assert not plan.due(1.0, pace)


def test_how_far_the_looks_are_behind_is_told_from_when_they_were_due() -> None:
    """Guards: a region that changed within the interval is not late, and a sweep that has begun is late until it ends."""
    plan, pace = RefreshPlan(0.0), RefreshPace(10, HOUR, 10)
    assert plan.overdue(50.0, pace) == Overdue(0, 0.0)
    plan.region_changed(CLEVELAND)
    assert plan.overdue(50.0, pace) == Overdue(0, 50.0)
    plan.take(60.0, pace, lambda _: CROWD[:25])
    plan.subject_changed(AKRON, "urgent")
    assert plan.overdue(65.0, pace) == Overdue(16, 5.0)
    for now in (70.0, 80.0, 90.0):
        plan.take(now, pace, lambda _: ())
    assert plan.overdue(100.0, pace) == Overdue(0, 0.0)
    plan.region_changed(CLEVELAND)
    assert plan.overdue(60.0 + HOUR, pace) == Overdue(0, 0.0)
    assert plan.overdue(61.0 + HOUR, pace) == Overdue(0, 1.0)
