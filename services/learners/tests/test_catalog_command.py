"""`makersync catalog apply`: a file of definitions, under the rules of the operators' routes."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from learners.entrypoints import catalog_commands
from learners.entrypoints.catalog_commands import app, apply_entries, read_entries
from learners.entrypoints.commands import app as learners
from makersync.cli.messages import OPERATOR_MUST_ACT
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.tables import AuditRow

from .conftest import Caller, Published
from .samples import BADGE, ISSUER, definition

METAL = {"id": "additive.metal", "name": "Metal additive"}


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of these tests has its tables already."""

    async def is_migrated(*_: object) -> None:
        return None

    monkeypatch.setattr(catalog_commands, "require_migrated", is_migrated)


def written(folder: Path, **catalog: Any) -> Path:
    file = folder / "catalog.json"
    file.write_text(json.dumps({"catalog": catalog}))
    return file


def entry(credential: str, **changed: Any) -> dict[str, Any]:
    return {"id": credential} | definition(**changed)


async def apply(context: Context, file: Path) -> tuple[list[str], list[str], int]:
    done = await apply_entries(context, file, read_entries(file))
    return sorted(done.defined), sorted(done.revised), done.unchanged


async def test_new_definitions_may_name_each_other(context: Context, published: Published, tmp_path: Path) -> None:
    whole = entry("york:whole", composed_of=["york:a", "york:b"], confers=[{"competency": METAL["id"], "level": 3}])
    parts = [entry(f"york:{part}", implies=["york:whole"] if part == "a" else []) for part in "ab"]
    file = written(tmp_path, competencies=[METAL], credentials=[whole, *parts])
    defined, revised, unchanged = await apply(context, file)
    assert defined == ["competency/additive.metal", "credential/york:a", "credential/york:b", "credential/york:whole"]
    assert (revised, unchanged) == ([], 0)
    assert sorted(e.subject for e in await published.events()) == defined
    assert {e.version for e in await published.events()} == {1}


async def test_only_what_differs_is_published_with_the_next_version(
    context: Context, operator: Caller, published: Published, tmp_path: Path
) -> None:
    before = (await operator.get(f"/v1/catalog/credentials/{BADGE}")).json()
    same = {name: value for name, value in before.items() if name != "version" and value is not None}
    file = written(tmp_path, credentials=[same, entry("york:starter")])
    assert await apply(context, file) == (["credential/york:starter"], [], 1)
    longer = same | {"training_weeks": 99}
    file = written(tmp_path, credentials=[longer, entry("york:starter")])
    assert await apply(context, file) == ([], [f"credential/{BADGE}"], 1)
    told = [(e.type, e.subject, e.version) for e in await published.events()]
    assert told == [
        ("learners.CredentialDefined", "credential/york:starter", 1),
        ("learners.CredentialRevised", f"credential/{BADGE}", 2),
    ]
    assert (await operator.get(f"/v1/catalog/credentials/{BADGE}")).json()["training_weeks"] == 99
    async with context.store.reading() as session:
        noted = [(row.action, row.subject) for row in (await session.exec(select(AuditRow))).all()]
    assert ("credential_defined", BADGE) in noted


async def test_every_entry_that_breaks_a_rule_is_named_and_nothing_is_applied(
    context: Context, published: Published, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        credentials=[
            entry("york:fine"),
            entry("york:vague", implies=["york:nothing"]),
            entry(BADGE, issuer="Other"),
            entry("york:fine"),
            entry("Bad Id"),
        ],
    )
    with pytest.raises(OperatorError) as refusal:
        await apply(context, file)
    for place in ("credentials.1.implies.0", "credentials.2.issuer", "credentials.3.id", "credentials.4.id"):
        assert place in str(refusal.value)
    assert await published.events() == []


def test_the_command_applies_once_and_prints_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    runner = CliRunner()
    assert runner.invoke(learners, ["migrate"]).exit_code == 0
    file = written(tmp_path, competencies=[METAL], credentials=[entry("york:starter", confers=[], issuer=ISSUER)])
    first, second = (runner.invoke(app, ["apply", str(file)]) for _ in range(2))
    assert "defined credential/york:starter" in first.output
    assert "2 defined, 0 revised, 0 as they were." in first.output
    assert "0 defined, 0 revised, 2 as they were." in second.output


def test_a_file_of_another_shape_is_refused_with_everything_that_is_wrong(tmp_path: Path) -> None:
    file = written(tmp_path, credentials=[{"id": "x"}], competencies=[METAL | {"colour": 1}])
    result = CliRunner().invoke(app, ["apply", str(file)])
    assert result.exit_code == OPERATOR_MUST_ACT
    for place in ("catalog.competencies.0.colour", "catalog.credentials.0.name", "catalog.credentials.0.issuer"):
        assert place in result.output


async def test_a_name_that_the_issuer_has_already_is_remarked_on(context: Context, tmp_path: Path) -> None:
    twin = entry("example:sense-again", name="SENSE Level I - Entry Welder", issuer="American Welding Society")
    file = written(tmp_path, credentials=[twin])
    done = await apply_entries(context, file, read_entries(file))
    assert [(remark.field, remark.rule) for remark in done.remarks] == [("example:sense-again.name", "same_name")]
