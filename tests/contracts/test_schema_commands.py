"""`makersync schemas release` adds, never edits, and refuses what would break a reader; `check` says what is wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contracts.commands import CHECKOUT, app, read_files
from contracts.release import MANIFEST, Files, breaches, is_released, manifest, read, release, render

OPENING, MATCH_END = "openings.opening.v1/OpeningPublished", "matching.candidate-match.v1/MatchWithdrawn"
REASON = "matching.candidate-match.v1/MatchWithdrawn.1.json"


def earlier(files: Files, path: str, **changes: Any) -> Files:
    """Files in which a first revision that says something else was the last one released, as if the model had changed since."""
    kind = path.rpartition("/")[2].partition(".")[0]
    later = re.compile(rf"(.*/)?{kind}\.([2-9]|[0-9]{{2,}})\..*")
    first = {name: content for name, content in files.items() if name != MANIFEST and not later.fullmatch(name)}
    first[path] = render({**read(files, path), **changes})
    return {**first, MANIFEST: manifest(first)}


def test_a_release_of_what_is_released_writes_nothing(files: Files) -> None:
    assert release(files) == {}


def test_a_changed_model_makes_the_next_revision_and_keeps_the_old(files: Files) -> None:
    before = earlier(files, f"{OPENING}.1.json", description="What it once said.")
    written = release(before)
    name = OPENING.rpartition("/")[2]
    folder = OPENING.removesuffix(f"/{name}")
    assert set(written) == {
        f"{OPENING}.2.json",
        f"{folder}/examples/{name}.2.1.json",
        f"{folder}/examples/{name}.2.2.json",
        MANIFEST,
    }
    assert json.loads(written[f"{OPENING}.2.json"])["$id"].endswith(":OpeningPublished:2")
    assert set(json.loads(written[MANIFEST])["sha256"]) == {path for path in {**before, **written} if is_released(path)}


def test_a_release_does_not_forget_what_an_edited_file_said(files: Files) -> None:
    path = f"{OPENING}.1.json"
    edited = {**files, path: files[path] + b"\n"}
    listed = read({**edited, **release(edited)}, MANIFEST)["sha256"]
    assert listed[path] == read(files, MANIFEST)["sha256"][path]


def test_a_lost_property_is_a_breach(files: Files) -> None:
    schema = read(files, f"{OPENING}.1.json")
    before = earlier(
        files,
        f"{OPENING}.1.json",
        required=[*schema["required"], "premium"],
        properties={**schema["properties"], "premium": {"type": "integer"}},
    )
    assert [str(each) for each in breaches(before, {})] == [f"{OPENING}.1.json: premium: required_removed (readers rely on it)"]


@pytest.mark.parametrize(("reading", "is_breach"), [({"type": "string"}, False), ({"enum": ["erased"]}, True)])
def test_a_new_reason_needs_the_readers_consent(files: Files, reading: dict[str, Any], is_breach: bool) -> None:
    properties = read(files, REASON)["properties"]
    fewer = {**properties, "reason": {"type": "string", "enum": ["erased"]}}
    before = earlier(files, REASON, properties=fewer)
    reader = {"type": "object", "properties": {"reason": reading}}
    assert bool(breaches(before, {MATCH_END: [reader]})) is is_breach


def test_release_writes_a_whole_folder_that_check_accepts(tmp_path: Path) -> None:
    runner = CliRunner()
    released = runner.invoke(app, ["release", "--folder", str(tmp_path)])
    assert released.exit_code == 0, released.output
    assert f"wrote {OPENING}.1.json" in released.output
    checked = runner.invoke(app, ["check", "--folder", str(tmp_path)])
    assert checked.exit_code == 0, checked.output


def test_release_refuses_over_an_edited_file(tmp_path: Path, files: Files) -> None:
    _write(tmp_path, {**files, f"{OPENING}.1.json": b"{}"})
    refused = CliRunner().invoke(app, ["release", "--folder", str(tmp_path)])
    assert refused.exit_code == 2
    assert f"{OPENING}.1.json was released and has changed" in refused.output
    assert read_files(tmp_path)[f"{OPENING}.1.json"] == b"{}"


def test_check_names_what_is_not_released(tmp_path: Path, files: Files) -> None:
    _write(tmp_path, earlier(files, f"{OPENING}.1.json", description="What it once said."))
    checked = CliRunner().invoke(app, ["check", "--folder", str(tmp_path)])
    assert checked.exit_code == 2
    assert f"{OPENING}: the model is not what was released" in checked.output
    assert "makersync schemas release" in checked.output


def test_a_folder_that_is_not_there_is_named() -> None:
    absent = CHECKOUT / "absent"
    refused = CliRunner().invoke(app, ["check", "--folder", str(absent)])
    assert (refused.exit_code, str(absent) in refused.output) == (2, True)


def _write(folder: Path, files: Files) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
