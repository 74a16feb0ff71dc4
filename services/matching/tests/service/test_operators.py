"""What operators see, and nobody else."""

from service_world import CREDENTIALS, FAR, REGION, World, award


async def test_a_region_shows_what_is_live_in_it(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await world.learner("bob", award(CREDENTIALS[1]))
    await world.settle()
    async with await world.operator() as operator:
        answer = (await operator.get(f"/v1/markets/{REGION}")).json()
        absent = await operator.get("/v1/markets/10180")
    counts = {name: answer[name] for name in ("openings", "learners", "matches")}
    assert counts == {"openings": 1, "learners": 2, "matches": 1}
    assert absent.status_code == 404


async def test_a_match_is_shown_with_its_explanation(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await world.settle()
    async with await world.operator() as operator:
        match = (await operator.get("/v1/matches/job/ann")).json()
        why = (await operator.get("/v1/explanations/job/ann")).json()
    assert match["live"]
    assert match["match"]["score"] == why["score"] == 10_000
    assert why["qualified"]
    assert [gate["verdict"] for gate in why["gates"]] == ["passed", "passed", "passed", "unknown", "passed", "unknown"]


async def test_a_non_match_names_the_first_gate_that_fails(world: World) -> None:
    await world.opening()
    await world.learner("ann", zip=FAR, shifts=["day"])
    await world.settle()
    async with await world.operator() as operator:
        why = (await operator.get("/v1/explanations/job/ann")).json()
    assert (why["qualified"], why["reason"]) == (False, "out_of_reach")
    assert why["gates"][2]["values"]["reach_m"] == 40_000


async def test_a_non_match_names_the_groups_that_are_unmet(world: World) -> None:
    await world.opening()
    await world.learner("ann", award(CREDENTIALS[1]))
    await world.settle()
    async with await world.operator() as operator:
        why = (await operator.get("/v1/explanations/job/ann")).json()
    assert (why["reason"], why["unmet_groups"]) == ("unmet_groups", ["g"])


async def test_the_policy_in_use_is_shown(world: World) -> None:
    async with await world.operator() as operator:
        policy = (await operator.get("/v1/policy")).json()
    assert (policy["version"], policy["weight_preferred"], policy["shortlist_max"]) == (1, 50, 100)


async def test_every_route_wants_an_operators_key(world: World) -> None:
    async with await world.operator() as operator:
        paths = (await operator.get("/openapi.json")).json()["paths"]
    tried = [path for path in paths if path.startswith("/v1")]
    async with world.caller() as nobody:
        answers = [(await nobody.get(path.format(region=REGION, opening_id="job", learner_id="ann"))) for path in tried]
    assert tried
    assert {answer.status_code for answer in answers} == {401}
