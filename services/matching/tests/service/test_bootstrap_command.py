"""`makersync matching bootstrap`: the first operator key is made once, and never lost on the way."""

import sqlite3
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


def keys() -> list[str]:
    return [line.split()[0] for line in call("operator-keys", "list").output.splitlines() if " live " in line]


def audited(tmp_path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(tmp_path / "matching.sqlite") as database:
        return database.execute("SELECT action, actor FROM audit ORDER BY id").fetchall()


def test_another_key_is_made_on_the_host_when_all_are_lost_and_the_audit_says_so(tmp_path: Path) -> None:
    call("bootstrap", "--token-file", str(tmp_path / "first.key"))
    recovered = tmp_path / "second.key"
    recovered.touch(0o644)
    assert call("bootstrap", "--recover", "--token-file", str(recovered)).exit_code == 0
    assert recovered.read_text().startswith("mks_")
    assert stat.S_IMODE(recovered.stat().st_mode) == 0o600
    assert len(keys()) == 2
    assert audited(tmp_path) == [("key_issued", "host"), ("key_recovered", "host")]


def test_keys_are_made_listed_and_revoked_by_command_but_the_last_is_not(tmp_path: Path) -> None:
    call("bootstrap", "--token-file", str(tmp_path / "first.key"))
    [first] = keys()
    assert call("operator-keys", "revoke", first).exit_code == OPERATOR_MUST_ACT
    assert "mks_" in call("operator-keys", "make", "nights").output
    assert call("operator-keys", "revoke", first, "--descendants").exit_code == 0
    [second] = keys()
    assert second != first
    assert call("operator-keys", "revoke", "0" * 16).exit_code == OPERATOR_MUST_ACT
    assert [action for action, _ in audited(tmp_path)] == ["key_issued", "key_issued", "key_revoked"]


def test_what_the_database_holds_is_its_owners_alone(tmp_path: Path) -> None:
    for file in tmp_path.glob("matching.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_the_first_person_who_signs_in_is_invited_on_the_host(tmp_path: Path) -> None:
    """Guards: without a key and without a person nobody could let anybody in."""
    invited = call("operators", "invite", "Jo@platform.example")
    assert invited.exit_code == 0 and "/join/" in invited.output
    assert call("operators", "invite", "no address").exit_code == OPERATOR_MUST_ACT
    assert call("operators", "list").exit_code == 0
    assert call("operators", "remove", "mem_nobody").exit_code == OPERATOR_MUST_ACT
    assert audited(tmp_path) == [("member_invited", "host")]
