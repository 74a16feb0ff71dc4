"""`makersync market`: anyone can recompute a decision."""

import json
from pathlib import Path

import pytest
from service_world import World
from typer.testing import CliRunner

from makersync.cli.messages import OPERATOR_MUST_ACT
from makersync.effects.fence import stored
from makersync.errors import OperatorError
from matching.adapters.market_file.writing import market_document
from matching.adapters.partition_standing import MARKET_CONSUMER, NO_POLICY
from matching.entrypoints.market_commands import DIFFERS, app
from matching.entrypoints.market_export import export

runner = CliRunner()


@pytest.fixture
async def exported(world: World, tmp_path: Path) -> Path:
    """The live state of a small market, written by what the command runs."""
    await world.opening()
    await world.learner("ann")
    await world.learner("bob")
    await world.settle()
    file = tmp_path / "market.json"
    await export(world.context, file, None)
    return file


def test_the_live_matches_equal_the_evaluation_of_the_exported_file(exported: Path) -> None:
    result = runner.invoke(app, ["verify", str(exported)])
    assert result.exit_code == 0, result.output
    assert "2 live matches equal the evaluation" in result.output


def test_a_live_match_that_the_rules_do_not_give_is_named(exported: Path) -> None:
    beside = exported.with_name("market.matches.json")
    document = json.loads(beside.read_text())
    document["matches"][0]["score"] -= 1
    del document["matches"][1]
    beside.write_text(json.dumps(document))
    result = runner.invoke(app, ["verify", str(exported)])
    assert result.exit_code == DIFFERS
    assert "job / ann: score is 9999 live, 10000 evaluated" in result.output
    assert "job / bob: match is False live, True evaluated" in result.output


def test_evaluate_prints_the_result_as_the_contract_says(exported: Path) -> None:
    result = runner.invoke(app, ["evaluate", str(exported), "--json"])
    document = json.loads(result.output)
    assert [(m["opening_id"], m["learner_id"], m["rank"], m["score"]) for m in document["matches"]] == [
        ("job", "ann", 1, 10_000),
        ("job", "bob", 2, 10_000),
    ]
    assert {cell["subject"] for cell in document["cells"]} == {"credential:nims:milling"}


def test_a_pair_of_the_file_is_explained_as_evaluated(exported: Path) -> None:
    document = json.loads(runner.invoke(app, ["explain", str(exported), "job", "bob", "--json"]).output)
    assert (document["qualified"], document["score"]["value"], document["shortlist"]["rank"]) == (True, 10_000, 2)
    shown = runner.invoke(app, ["explain", str(exported), "job", "bob"])
    assert "Score 10000 = 200000 // 20" in shown.output
    assert "Shortlist: rank 2 of 2 (at most 10)" in shown.output


def test_a_pair_that_the_file_does_not_have_is_refused(exported: Path) -> None:
    result = runner.invoke(app, ["explain", str(exported), "job", "nobody"])
    assert result.exit_code == OPERATOR_MUST_ACT
    assert "no learner nobody" in result.output


def test_a_file_with_errors_names_every_one_and_evaluates_nothing(exported: Path) -> None:
    document = json.loads(exported.read_text())
    document["openings"][0]["positions"] = 0
    document["learners"][1]["zip"] = "00000"
    document["surprise"] = 1
    exported.write_text(json.dumps(document))
    result = runner.invoke(app, ["evaluate", str(exported)])
    assert result.exit_code == OPERATOR_MUST_ACT
    for place in ("openings[0].positions", "learners[1].zip", "surprise"):
        assert place in result.output
    assert "matches" not in result.output


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    result = runner.invoke(app, ["evaluate", str(tmp_path / "absent.json")])
    assert result.exit_code == OPERATOR_MUST_ACT
    assert "absent.json cannot be read" in result.output


async def test_an_award_of_a_credential_without_a_definition_is_left_out_of_the_file(world: World, tmp_path: Path) -> None:
    from service_world import award

    await world.opening()
    await world.learner("ann", award("nims:milling"), award("not:yet-defined"))
    await world.settle()
    market, _ = await export(world.context, tmp_path / "market.json", None)
    awards = [each["credential"] for each in market_document(market)["learners"][0]["awards"]]  # type: ignore[index]
    assert awards == ["nims:milling"]
    assert runner.invoke(app, ["verify", str(tmp_path / "market.json")]).exit_code == 0


async def test_an_opening_that_asks_for_what_has_no_definition_is_exported_with_the_same_result(
    world: World, tmp_path: Path
) -> None:
    wanted = [{"id": "g", "necessity": "required", "any_of": [{"credential": "not:yet"}, {"credential": "nims:milling"}]}]
    await world.credential("whole:one", composed_of=["not:yet", "nims:milling"], implies=["not:either"])
    await world.opening(groups=wanted)
    await world.opening("other", groups=[wanted[0] | {"any_of": [{"credential": "not:yet"}]}])
    await world.cohort(credential="not:yet")
    await world.learner("ann")
    await world.settle()
    _, matches = await export(world.context, tmp_path / "market.json", None)
    assert [(each.opening_id, each.learner_id) for each in matches] == [("job", "ann")]
    verified = runner.invoke(app, ["verify", str(tmp_path / "market.json")])
    assert verified.exit_code == 0, verified.output


def test_an_export_from_a_database_without_tables_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    (tmp_path / "matching.sqlite").touch()
    result = runner.invoke(app, ["export", str(tmp_path / "market.json")])
    assert result.exit_code == OPERATOR_MUST_ACT
    assert "The database of matching has no tables: run `makersync matching migrate`." in result.output


async def test_an_export_waits_until_what_was_taken_is_settled(world: World, tmp_path: Path) -> None:
    """Guards: a file and matches that do not belong together would look like a wrong result."""
    await world.opening()
    await world.settle()
    async with world.context.store.transaction() as session:
        [row] = [row for row in await stored(session, MARKET_CONSUMER) if row.offsets]
        row.policy_version = NO_POLICY
        session.add(row)
    with pytest.raises(OperatorError, match=f"catches up with partitions {row.partition}. Nothing was written"):
        await export(world.context, tmp_path / "market.json", None)
    assert not (tmp_path / "market.json").exists()


async def test_an_export_that_cannot_be_written_is_named(world: World, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"absent/market\.json cannot be written"):
        await export(world.context, tmp_path / "absent" / "market.json", None)
