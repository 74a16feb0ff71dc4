"""The demo deletes only what is its own."""

from pathlib import Path

import pytest

from demo.running.state_folder import MARK, FolderRefused, claimed


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    with claimed(tmp_path / "var" / "demo") as folder:
        assert [entry.name for entry in folder.iterdir()] == [MARK]


def test_an_earlier_run_is_swept_away(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo") as folder:
        (folder / "openings.sqlite").write_text("old")
        (folder / "logs").mkdir()
        (folder / "logs" / "broker.log").write_text("old")
    with claimed(tmp_path / "demo") as folder:
        assert [entry.name for entry in folder.iterdir()] == [MARK]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    with claimed(tmp_path):
        pass


def test_a_link_to_elsewhere_is_removed_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    with claimed(tmp_path / "demo") as folder:
        (folder / "link").symlink_to(elsewhere)
    with claimed(tmp_path / "demo"):
        pass
    assert (elsewhere / "kept").read_text() == "kept"


def test_somebody_elses_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderRefused, match=r"was not made by the demo.*--state-folder"), claimed(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / MARK).exists()


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(FolderRefused), claimed(tmp_path / "demo"):
        pass


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo") as folder:
        (folder / "openings.sqlite").write_text("in use")
        with pytest.raises(FolderRefused, match="Another demo is running"), claimed(tmp_path / "demo"):
            pass
        assert (folder / "openings.sqlite").exists()
