"""`makersync openings members release`: operators free an address on the host, and the audit says so."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from makersync.cli.messages import OPERATOR_MUST_ACT
from makersync.clock import WallClock
from makersync.members.joining import Joining, MemberInvitation
from makersync.store.database import Store
from openings.entrypoints.commands import app
from openings.entrypoints.members_offer import MEMBERS


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    assert call("migrate").exit_code == 0


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def rows(tmp_path: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(tmp_path / "openings.sqlite") as database:
        return database.execute(query).fetchall()


def within(tmp_path: Path, step: Callable[[Joining], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        store = Store(f"sqlite+aiosqlite:///{tmp_path / 'openings.sqlite'}")
        async with store.transaction() as session:
            await step(Joining(session, b"p" * 32, WallClock(), MEMBERS))
        await store.close()

    asyncio.run(run())


async def _join_and_invite(joining: Joining) -> None:
    issued = await joining.invite(MemberInvitation("emp_evil", "Jo@acme.example", "admin"))
    assert await joining.join(issued.token, "Jo", "hash") is not None
    await joining.invite(MemberInvitation("emp_bolt", "jo@acme.example", "reader"))


def test_how_somebody_signs_in_is_shown(tmp_path: Path) -> None:
    """Guards: an operator who is asked for help would have to guess what the person has lost."""
    assert call("members", "show", "jo@acme.example").exit_code == OPERATOR_MUST_ACT
    within(tmp_path, _join_and_invite)
    with sqlite3.connect(tmp_path / "openings.sqlite") as database:
        row = "INSERT INTO member_identity SELECT 'https://login.example', 'sub', member_id, created_at FROM member"
        database.execute(row)
    said = " ".join(call("members", "show", "JO@acme.example").output.split())
    assert "By a password, an account at https://login.example." in said
    with sqlite3.connect(tmp_path / "openings.sqlite") as database:
        database.execute("UPDATE member SET password_hash = ''")
    assert "By an account at https://login.example." in " ".join(call("members", "show", "jo@acme.example").output.split())


def test_an_address_is_freed_whoever_holds_it(tmp_path: Path) -> None:
    within(tmp_path, _join_and_invite)
    asked = call("members", "release", "JO@acme.example")
    assert asked.exit_code == OPERATOR_MUST_ACT and rows(tmp_path, "SELECT 1 FROM member") == [(1,)]
    said = " ".join(asked.output.split())
    assert "of emp_evil signs in with it, never verified. By a password. Nobody else of emp_evil has the role" in said
    assert "Invitations to it: 1." in said and "--yes" in said
    assert call("members", "release", "JO@acme.example", "--yes").exit_code == 0
    assert rows(tmp_path, "SELECT 1 FROM member UNION ALL SELECT 1 FROM member_invitation") == []
    [(action, actor, subject, detail)] = rows(tmp_path, "SELECT action, actor, subject, detail FROM audit")
    assert (action, actor, subject) == ("address_released", "host", "emp_evil")
    assert json.loads(detail)["invitations"] == "1" and "@" not in detail
    assert ("member_removed",) in rows(tmp_path, "SELECT action FROM activity WHERE organisation_id = 'emp_evil'")


def test_an_invitation_alone_is_ended_too(tmp_path: Path) -> None:
    async def invite(joining: Joining) -> None:
        await joining.invite(MemberInvitation("emp_bolt", "jo@acme.example", "reader"))

    within(tmp_path, invite)
    assert call("members", "release", "jo@acme.example", "--yes").exit_code == 0
    assert rows(tmp_path, "SELECT 1 FROM member_invitation") == []


def test_an_address_that_nobody_holds_is_said_to_be_so() -> None:
    refused = call("members", "release", "nobody@acme.example", "--yes")
    assert refused.exit_code == OPERATOR_MUST_ACT and "Nobody signs in" in refused.output
