"""`makersync policy`: other rules are tried on the stored state, and applied only as tried."""

import json
from pathlib import Path
from typing import Any

import pytest
from service_world import CREDENTIALS, REGION, World, award
from sqlmodel import select
from typer.testing import CliRunner

from makersync.cli.messages import OPERATOR_MUST_ACT
from makersync.errors import OperatorError
from makersync.store.tables import AuditRow
from matching.adapters.policy_tables import PolicyRow
from matching.entrypoints import policy_commands
from matching.entrypoints.commands import app as matching
from matching.entrypoints.policy_commands import app, applied, shown, tried
from matching.entrypoints.replay_text import trial_document

MILLING, TURNING, SAFETY = CREDENTIALS
runner = CliRunner()


def written(folder: Path, document: dict[str, Any]) -> Path:
    file = folder / "rules.json"
    file.write_text(json.dumps(document))
    return file


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """These worlds make their tables themselves."""

    async def is_migrated(*_: object) -> None:
        return None

    monkeypatch.setattr(policy_commands, "require_migrated", is_migrated)


async def market(world: World) -> None:
    """Twelve who hold milling; turning is preferred, and the last two hold it on their provider's word."""
    wanted = [
        {"id": "g", "necessity": "required", "any_of": [{"credential": MILLING}]},
        {"id": "liked", "necessity": "preferred", "any_of": [{"credential": TURNING}]},
    ]
    await world.opening(groups=wanted)
    for number in range(12):
        more = [award(TURNING, award_id=f"t{number}")] if number in (0, 11) else []
        evidence = "attested" if number > 9 else "verified"
        await world.learner(f"l{number:02}", award(MILLING, award_id=f"m{number}", evidence=evidence), *more)
    for number in range(4):
        await world.opening(f"other-{number}", employer_id=f"works-{number}", groups=[])
    await world.settle()


async def counts(world: World, file: Path) -> dict[str, int]:
    return trial_document(await tried(world.context, file))["totals"]  # type: ignore[return-value]


async def test_a_trial_touches_nothing_and_names_every_difference(world: World, tmp_path: Path) -> None:
    await market(world)
    await world.events()
    file = written(tmp_path, {"policy": {"shortlist_min": 2, "weight_evidence": 300}})
    document = trial_document(await tried(world.context, file))
    assert document["policy_version"] == {"before": 1, "after": 2}
    assert document["numbers"] == {
        "weight_evidence": {"before": 20, "after": 300},
        "shortlist_min": {"before": 10, "after": 2},
    }
    [region] = document["regions"]  # type: ignore[misc]
    assert region["region"] == REGION
    assert document["totals"]["lost"] == len(region["lost"]) > 0  # type: ignore[call-overload,index]
    assert await world.news() == []
    async with world.store.reading() as session:
        assert (await session.exec(select(PolicyRow))).all() == []


async def test_applying_a_policy_publishes_what_the_trial_predicted(world: World, tmp_path: Path) -> None:
    await market(world)
    await world.events()
    file = written(tmp_path, {"policy": {"shortlist_min": 3, "weight_evidence": 300}})
    foretold = trial_document(await tried(world.context, file))
    await applied(world.context, file, if_version=1)
    await world.settle()
    told = [event for event in await world.events() if "Match" in event.type]
    by_kind = {name: [e for e in told if e.type.endswith(name)] for name in ("Proposed", "Revised", "Withdrawn")}
    [region] = foretold["regions"]  # type: ignore[misc]
    assert pairs(region["gained"]) == sorted((e.data["opening_id"], e.data["learner_id"]) for e in by_kind["Proposed"])
    assert pairs(region["lost"]) == sorted((e.data["opening_id"], e.data["learner_id"]) for e in by_kind["Withdrawn"])
    assert region["revised"] == len(by_kind["Revised"]) > 0
    assert {event.data["policy_version"] for event in told} == {2}
    assert (await counts(world, written(tmp_path, {"policy": {"version": 2}})))["lost"] == 0


def pairs(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((entry["opening_id"], entry["learner_id"]) for entry in entries)


async def test_a_policy_that_changes_no_result_publishes_nothing(world: World, tmp_path: Path) -> None:
    await market(world)
    await world.events()
    await applied(world.context, written(tmp_path, {"policy": {"shortlist_max": 90}}), if_version=None)
    assert await world.news() == []
    async with await world.operator() as operator:
        assert (await operator.get("/v1/policy")).json()["version"] == 2


async def test_levels_that_would_change_are_predicted_and_published(world: World, tmp_path: Path) -> None:
    for number in range(5):
        await world.opening(f"job-{number}", employer_id=f"works-{number % 3}")
    await world.settle()
    await world.events()
    file = written(tmp_path, {"policy": {"threshold_severe": 9000}})
    [region] = trial_document(await tried(world.context, file))["regions"]  # type: ignore[misc]
    assert region["levels"] == [{"subject": f"credential:{MILLING}", "before": "severe", "after": "shortage"}]
    await applied(world.context, file, if_version=None)
    await world.settle()
    told = [(e.type.rpartition(".")[2], e.data["level"]) for e in await world.events()]
    assert told == [("ShortageEased", "shortage")]


async def test_a_catalog_is_tried_beside_the_live_one(world: World, tmp_path: Path) -> None:
    await market(world)
    await world.learner("sam", award(SAFETY))
    await world.settle()
    safety = {"id": SAFETY, "name": SAFETY, "issuer": "Issuer", "implies": [MILLING, TURNING]}
    document = trial_document(await tried(world.context, written(tmp_path, {"catalog": {"credentials": [safety]}})))
    assert document["definitions"] == [f"credential/{SAFETY}"]
    [region] = document["regions"]  # type: ignore[misc]
    assert ("job", "sam") in pairs(region["gained"])
    assert document["policy_version"] == {"before": 1, "after": 1}


async def test_all_problems_of_a_file_are_named_together(world: World, tmp_path: Path) -> None:
    milling = {"id": MILLING, "name": "x", "issuer": "Other", "implies": ["nims:nothing"], "composed_of": [MILLING]}
    file = written(
        tmp_path,
        {"policy": {"weight_evidence": 0, "colour": 1, "version": 4}, "catalog": {"credentials": [milling]}, "surprise": 1},
    )
    with pytest.raises(OperatorError) as refusal:
        await tried(world.context, file)
    for place in (
        "policy.version: is 1 now",
        "policy.weight_evidence",
        "policy.colour",
        "catalog.credentials[0].implies[0]",
        "catalog.credentials[0].composed_of[0]",
        "catalog.credentials[0].issuer",
        "surprise",
    ):
        assert place in str(refusal.value)


@pytest.mark.parametrize(
    ("document", "if_version", "said"),
    [
        ({"policy": {"weight_evidence": 20}}, None, "changes no number of policy 1"),
        ({"policy": {"weight_evidence": 21}}, 2, "Policy 1 is live, not 2"),
        ({"policy": {"weight_evidence": 21}, "catalog": {}}, None, "makersync catalog apply"),
        ({}, None, "must have a policy or a catalog"),
        ({"policy": {"shortlist_min": 101}}, None, "must not be above shortlist_max"),
    ],
)
async def test_what_cannot_be_applied_is_refused_and_nothing_changes(
    world: World, tmp_path: Path, document: dict[str, Any], if_version: int | None, said: str
) -> None:
    with pytest.raises(OperatorError, match=said):
        await applied(world.context, written(tmp_path, document), if_version)
    assert (await shown(world.context)).policy.version == 1


async def test_what_was_applied_is_kept_with_its_time_and_by_whom(world: World, tmp_path: Path) -> None:
    await applied(world.context, written(tmp_path, {"policy": {"weight_evidence": 21}}), if_version=None)
    await applied(world.context, written(tmp_path, {"policy": {"weight_evidence": 22, "version": 2}}), if_version=2)
    live = await shown(world.context)
    assert (live.policy.version, live.policy.weight_evidence, live.applied_at) == (3, 22, world.clock.now())
    async with world.store.reading() as session:
        rows = (await session.exec(select(AuditRow))).all()
    assert [(row.action, row.subject, row.detail) for row in rows] == [
        ("policy_applied", "policy/2", {"weight_evidence": [20, 21]}),
        ("policy_applied", "policy/3", {"weight_evidence": [21, 22]}),
    ]


def test_the_commands_show_try_and_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    assert runner.invoke(matching, ["migrate"]).exit_code == 0
    numbers = json.loads(runner.invoke(app, ["show", "--json"]).output)
    numbers["policy"]["weight_evidence"] = 60
    file = written(tmp_path, numbers)
    trial = runner.invoke(app, ["try", str(file)])
    assert "beside policy 1: weight_evidence 20 -> 60. Nothing was touched." in trial.output
    assert json.loads(runner.invoke(app, ["try", str(file), "--json"]).output)["totals"]["regions"] == 0
    assert "Policy 2 is live: weight_evidence 20 -> 60." in runner.invoke(app, ["apply", str(file)]).output
    again = runner.invoke(app, ["apply", str(file)])
    assert again.exit_code == OPERATOR_MUST_ACT
    assert "is 2 now: the file was written against 1" in again.output
    assert "weight_evidence 60" in runner.invoke(app, ["show"]).output
