"""What operators see, and nobody else."""

import threading
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from service_world import CREDENTIALS, FAR, REGION, World, award

from makersync.effects.fence import stored
from matching.adapters import explanation_repository
from matching.adapters.cell_tables import CellRow
from matching.adapters.explanation_repository import live_explanation
from matching.adapters.match_tables import MatchRow
from matching.adapters.partition_standing import MARKET_CONSUMER
from matching.domain.explanation.findings import Explanation, ShortlistPlace, explain
from matching.domain.market.policy import Policy
from matching.entrypoints.explanation_text import show_explanation
from matching.entrypoints.explanation_views import ExplanationView


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


async def test_an_unknown_region_is_not_an_empty_one(world: World) -> None:
    """Guards: a misspelt region would look like a market without shortages."""
    async with await world.operator() as operator:
        empty = [await operator.get(f"/v1/markets/{region}/cells") for region in (REGION, "remote", "nonmetro-OH")]
        unknown = [await operator.get(f"/v1/markets/{region}/cells") for region in ("00000", "nonmetro-ZZ", "Cleveland")]
    assert [(answer.status_code, answer.json()) for answer in empty] == [(200, [])] * 3
    assert {answer.status_code for answer in unknown} == {404}


async def test_a_match_is_shown_with_its_explanation(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await world.settle()
    async with await world.operator() as operator:
        match = (await operator.get("/v1/matches/job/ann")).json()
        why = (await operator.get("/v1/explanations/job/ann")).json()
    assert match["live"]
    assert match["match"]["score"] == why["score"]["value"] == 10_000
    assert (why["shortlist"]["rank"], why["shortlist"]["size"], why["change"]) == (1, 10, None)
    assert why["qualified"]
    assert [gate["verdict"] for gate in why["gates"]] == ["passed", "passed", "passed", "unknown", "passed", "unknown"]


async def test_an_explanation_keeps_nobody_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: in a large catalog the search for the cheapest change takes so long that consumers would be taken for stuck."""
    threads: list[threading.Thread] = []

    def noted(*pair: Any) -> Explanation:
        threads.append(threading.current_thread())
        return explain(*pair)

    monkeypatch.setattr(explanation_repository, "explain", noted)
    await world.opening()
    await world.learner("ann", award(CREDENTIALS[1]))
    await world.settle()
    async with await world.operator() as operator:
        assert (await operator.get("/v1/explanations/job/ann")).status_code == 200
    assert threading.main_thread() not in threads


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
    earned = {"kind": "earn", "credential": CREDENTIALS[0], "weeks": None, "award_id": None}
    assert why["change"] == {"gates": [], "steps": [earned], "beyond": None, "opening": []}
    assert why["awards"][0] | {"in_force": True, "why_not": None} == why["awards"][0]


async def test_an_explanation_names_the_last_learner_who_outranks_a_qualified_one(world: World) -> None:
    await world.opening()
    for number in range(11):
        await world.learner(f"learner-{number:02}")
    await world.settle()
    async with await world.operator() as operator:
        why = (await operator.get("/v1/explanations/job/learner-10")).json()
    last = {"learner_id": "learner-09", "score": 10_000, "seeking_since": None}
    assert why["qualified"]
    assert why["shortlist"] == {"rank": None, "listed": 10, "size": 10, "outranked": True, "last": last}


async def test_the_command_explains_what_the_route_explains(world: World) -> None:
    await world.opening()
    await world.learner("ann", award(CREDENTIALS[1]))
    await world.settle()
    async with await world.operator() as operator:
        why = (await operator.get("/v1/explanations/job/ann")).json()
    explained, place = await explained_here(world)
    shown = Console(record=True, width=200, file=StringIO())
    show_explanation(shown, explained, place)
    assert ExplanationView.of(explained, place).model_dump(mode="json") == why
    text = shown.export_text()
    assert "Not qualified: required and unmet: g" in text
    assert f"earn {CREDENTIALS[0]}: training of unknown length" in text


async def test_of_a_closed_opening_the_route_and_the_command_say_that_nothing_of_the_learners_would_help(world: World) -> None:
    await world.opening(status="closed", positions=2, filled=2)
    await world.learner("ann", award(CREDENTIALS[1]), seeking=False)
    await world.settle()
    async with await world.operator() as operator:
        why = (await operator.get("/v1/explanations/job/ann")).json()
    assert why["change"] == {
        "gates": [],
        "steps": [],
        "beyond": "opening_not_live",
        "opening": [
            {"barrier": "not_open", "field": "status", "comparison": "equals", "value": "open"},
            {"barrier": "none_remaining", "field": "positions", "comparison": "at_least", "value": 3},
        ],
    }
    explained, place = await explained_here(world)
    assert ExplanationView.of(explained, place).model_dump(mode="json")["change"] == why["change"]
    shown = Console(record=True, width=200, file=StringIO())
    show_explanation(shown, explained, place)
    assert "nothing of the learner's would help" in (text := shown.export_text())
    assert "the opening's positions: at least 3" in text


async def explained_here(world: World) -> tuple[Explanation, ShortlistPlace]:
    async with world.store.snapshot() as session:
        found = await live_explanation(session, world.clock, "job", "ann")
    assert found is not None
    return found


async def test_the_policy_in_use_is_shown(world: World) -> None:
    async with await world.operator() as operator:
        policy = (await operator.get("/v1/policy")).json()
    assert (policy["version"], policy["weight_preferred"], policy["shortlist_max"]) == (1, 50, 100)
    assert policy == Policy().to_dict()


async def test_a_cell_a_match_and_a_partition_are_shown_as_they_are_stored(world: World) -> None:
    for number in range(5):
        await world.opening(f"job-{number}", employer_id=f"works-{number % 3}")
    await world.learner("ann")
    await world.settle()
    async with await world.operator() as operator:
        [cell] = (await operator.get(f"/v1/markets/{REGION}/cells")).json()
        match = (await operator.get("/v1/matches/job-0/ann")).json()
        partitions = (await operator.get("/v1/partitions")).json()
    async with world.store.snapshot() as session:
        cell_row = await session.get(CellRow, (REGION, cell["subject"]))
        match_row = await session.get(MatchRow, ("job-0", "ann"))
        fences = await stored(session, MARKET_CONSUMER)
    assert cell_row is not None
    assert match_row is not None
    assert cell["signal"] == cell_row.signal
    assert match["match"] == match_row.document
    assert partitions == [row.model_dump(mode="json") for row in sorted(fences, key=lambda row: row.partition)]


@pytest.mark.parametrize(
    "path",
    ["markets/10180", "markets/10180/cells/x/indicators", "markets/00000/cells", "matches/job/ann", "explanations/job/ann"],
)
async def test_what_does_not_exist_is_named_alike_everywhere(world: World, path: str) -> None:
    async with await world.operator() as operator:
        absent = await operator.get(f"/v1/{path}")
    assert (absent.status_code, absent.json()["rule"]) == (404, "no_such_thing")


async def test_every_route_wants_an_operators_key(world: World) -> None:
    async with await world.operator() as operator:
        paths = (await operator.get("/openapi.json")).json()["paths"]
    tried = [(method, path) for path, methods in paths.items() for method in methods if path.startswith("/v1")]
    anything = {"region": REGION, "subject": "credential:x", "opening_id": "job", "learner_id": "ann", "member_id": "mem_1"}
    async with world.caller() as nobody:
        answers = [await nobody.request(method, path.format(**anything)) for method, path in tried]
    assert tried
    assert {(answer.status_code, answer.json()["rule"]) for answer in answers} == {(401, "key_missing")}
