"""What others made and the repository carries is what was taken in."""

import hashlib
from pathlib import Path

import pytest

from tools.assets.__main__ import CARRIED, DRAWN


@pytest.mark.parametrize("folder", CARRIED, ids=lambda folder: folder.name)
def test_a_carried_script_is_as_it_was_published(folder: Path) -> None:
    """Guards: a change by hand, and a script without its licence."""
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert set(sums) == {name for name, _, _ in CARRIED[folder]} == {each.name for each in folder.glob("*.js")}
    for name, expected in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected
        assert f"{name} is " in (folder / "LICENCES.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", DRAWN, ids=lambda folder: folder.name)
def test_a_drawing_is_as_it_was_made(folder: Path) -> None:
    """Guards: a map that was changed by hand, and one without the licence of its source."""
    names, package = DRAWN[folder]
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert set(sums) == set(names) == {each.name for each in folder.glob("*.svg")}
    assert sums == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    said = (folder / "LICENCES.txt").read_text(encoding="utf-8")
    assert all(f"{name} is drawn from {package}" in said for name in names)
