"""Whose pathway is looked at when: a set rate bounds what one opening can cause."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain.market.policy import Policy
from matching.domain.pathways.refresh_plan import AT_ONCE, RefreshPlan

CLEVELAND, AKRON = "17410", "10420"
CROWD = [f"l{number}" for number in range(200_000)]


def looks(plan: RefreshPlan, policy: Policy, seconds: list[float], everybody: dict[str, list[str]]) -> list[tuple[float, str]]:
    """When whom, as a loop does that asks at these seconds."""
    seen: list[tuple[float, str]] = []
    for now in seconds:
        if plan.due(now, policy):
            seen += [(now, learner_id) for _, learner_id in plan.take(now, policy, lambda region: everybody.get(region, []))]
    return seen


def every(step: float, until: float, start: float = 0.0) -> list[float]:
    return [start + step * number for number in range(int(until / step) + 1)]


def test_one_opening_among_200_000_learners_causes_no_more_than_the_rate_allows() -> None:
    plan, policy = RefreshPlan(0.0), Policy(pathway_rate=500)
    plan.region_changed(CLEVELAND)
    seen = looks(plan, policy, every(0.125, 420), {CLEVELAND: CROWD})
    assert sorted(learner_id for _, learner_id in seen) == sorted(CROWD)
    for count, (now, _) in enumerate(seen, start=1):
        assert count <= 500 * (now + 1)
    assert 398 <= seen[-1][0] <= 401


def test_a_round_asks_for_no_more_than_a_transaction_should_hold() -> None:
    for rate, most in ((500, AT_ONCE), (100_000, 10_000)):
        plan, policy = RefreshPlan(0.0), Policy(pathway_rate=rate)
        plan.region_changed(CLEVELAND)
        assert [len(plan.take(0.0, policy, lambda _: CROWD)) for _ in range(2)] == [most, most]


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
    plan, policy, now, count = RefreshPlan(0.0), Policy(pathway_rate=rate, refresh_seconds=2), 0.0, 0
    for number, (wait, what, has_batch) in enumerate(steps):
        now += wait
        if what == "learner":
            plan.learner_changed(CLEVELAND, f"u{number}")
        else:
            plan.region_changed(CLEVELAND if what == "region" else AKRON)
        if has_batch or plan.due(now, policy):
            count += len(plan.take(now, policy, lambda _: CROWD[:30]))
        assert count <= rate * (now + 1)


def test_who_changed_comes_before_a_sweep_that_is_under_way() -> None:
    plan, policy = RefreshPlan(0.0), Policy(pathway_rate=100)
    plan.region_changed(CLEVELAND)
    looks(plan, policy, [0.0], {CLEVELAND: CROWD})
    plan.learner_changed(AKRON, "ann")
    [first, *_] = looks(plan, policy, [0.01, 0.02, 0.3], {})
    assert first == (0.01, "ann")


def test_a_region_is_swept_once_an_interval_and_only_when_it_changed() -> None:
    plan, policy = RefreshPlan(0.0), Policy(refresh_seconds=60)
    everybody = {CLEVELAND: ["ann", "bob"], AKRON: ["cid"]}
    plan.region_changed(CLEVELAND)
    assert looks(plan, policy, every(1, 10), everybody) == [(0.0, "ann"), (0.0, "bob")]
    plan.region_changed(CLEVELAND)
    plan.region_changed(CLEVELAND)
    plan.region_changed(AKRON)
    assert looks(plan, policy, every(1, 50, start=11), everybody) == [(11, "cid"), (60, "ann"), (60, "bob")]
    assert looks(plan, policy, every(10, 500, start=70), everybody) == []


def test_who_left_is_not_looked_at() -> None:
    plan, policy = RefreshPlan(0.0), Policy()
    plan.learner_changed(CLEVELAND, "ann")
    plan.learner_changed(CLEVELAND, "bob")
    plan.learner_left(CLEVELAND, "ann")
    plan.learner_left(CLEVELAND, "cid")
    assert looks(plan, policy, [0.0], {}) == [(0.0, "bob")]


def test_empty_regions_keep_nobody_waiting() -> None:
    plan, policy = RefreshPlan(0.0), Policy()
    for region in ("a", "b", CLEVELAND, "c"):
        plan.region_changed(region)
    assert looks(plan, policy, [0.0], {CLEVELAND: ["ann"]}) == [(0.0, "ann")]
    assert not plan.due(1.0, policy)
