"""Released schemas are files that never change, and today's models are the newest of them."""

import shutil
import subprocess

import pytest
from jsonschema import Draft202012Validator

from contracts.commands import CHECKOUT
from contracts.release import MANIFEST, Files, Series, all_series, is_current, is_released, newest, read, revisions, tampered

FOLDERS = ("shared/schemas", "shared/contracts/schemas")
SERIES = {series.stem: series for series in all_series()}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_todays_model_is_the_newest_released_revision(files: Files, series: Series) -> None:
    assert is_current(files, series), f"{series.stem} has changed: run `makersync schemas release` and commit what it writes"


def test_no_released_file_was_edited_lost_or_left_out(files: Files) -> None:
    assert tampered(files) == ()


def test_no_released_file_was_edited_in_any_commit() -> None:
    """The manifest could be edited together with a file; the history cannot."""
    git = shutil.which("git")
    if git is None or not (CHECKOUT.parents[2] / ".git").exists():
        pytest.skip("needs the repository's history")
    # The folder has moved: a file that is the same byte for byte is another's new name.
    command = [git, "log", "--find-renames=100%", "-l0", "--diff-filter=MD", "--format=", "--name-only", "--", *FOLDERS]
    log = subprocess.run(command, cwd=CHECKOUT.parents[2], capture_output=True, text=True, check=True).stdout
    assert [path for path in log.splitlines() if is_released(path.partition("schemas/")[2])] == []


def test_an_edited_file_is_noticed(files: Files) -> None:
    path = "openings.opening.v1/OpeningPublished.1.json"
    edited = {**files, path: files[path].replace(b"positions", b"places")}
    assert tampered(edited) == (f"{path} was released and has changed",)


def test_a_lost_and_an_unlisted_file_are_noticed(files: Files) -> None:
    path, stray = "openings.opening.v1/OpeningPublished.1.json", "openings.opening.v1/OpeningPublished.99.json"
    moved = {name: content for name, content in files.items() if name != path} | {stray: files[path]}
    assert set(tampered(moved)) == {f"{path} was released and is gone", f"{stray} is not in {MANIFEST}"}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_revisions_are_numbered_without_gaps(files: Files, series: Series) -> None:
    assert revisions(files, series) == tuple(range(1, newest(files, series) + 1))


def test_every_schema_is_valid_and_names_itself(files: Files) -> None:
    for path in (path for path in files if is_released(path) and "/examples/" not in path):
        schema = read(files, path)
        Draft202012Validator.check_schema(schema)
        kind, number, _ = path.rpartition("/")[2].split(".")
        assert schema["$id"].endswith(f":{kind}:{number}")
        assert schema["title"].rpartition(".")[2] == kind


def test_every_schema_leaves_room_for_later_properties(files: Files) -> None:
    assert not [path for path in files if is_released(path) and b'"additionalProperties": false' in files[path]]
