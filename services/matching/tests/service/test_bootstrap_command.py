"""`makersync matching bootstrap`: the first operator key is made once, and never lost on the way."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from makersync.cli.messages import OPERATOR_MUST_ACT
from matching.entrypoints.commands import app


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    assert call("migrate").exit_code == 0


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_key_is_written_for_its_owner_alone_and_only_once(tmp_path: Path) -> None:
    file = tmp_path / "operator.key"
    assert call("bootstrap", "--token-file", str(file)).exit_code == 0
    assert file.read_text().startswith("mks_")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = call("bootstrap")
    assert again.exit_code == 0
    assert "already; nothing was made" in again.output


def test_a_key_that_cannot_be_written_is_not_made(tmp_path: Path) -> None:
    refused = call("bootstrap", "--token-file", str(tmp_path / "absent" / "operator.key"))
    assert refused.exit_code == OPERATOR_MUST_ACT
    assert call("bootstrap", "--token-file", str(tmp_path / "operator.key")).exit_code == 0
    assert (tmp_path / "operator.key").exists()
