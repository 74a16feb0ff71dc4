"""After a database was restored: its sessions and links let nobody in, and its members stay for operators to look through."""

import pytest
from sqlmodel import select

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Broker
from makersync.cli import reconcile_command
from makersync.cli.reconcile_command import ReconcileRun
from makersync.effects.reconciling import Choice, SubjectSelection
from makersync.http.wiring import Wiring
from makersync.members.identity_tables import ProviderRequestRow
from makersync.members.pending_sign_ins import PendingSignIns
from makersync.members.provider_requests import ProviderRequest, ProviderRequests, Purpose
from makersync.members.recovery import Recoveries
from makersync.members.tables import MemberInvitationRow, MemberRow, MemberSessionRow, PendingSignInRow, RecoveryRow
from makersync.runtime.service import Context
from openings.bootstrap import definition
from tests.servers.restoring import RestoredService
from tests.visiting.browser import PASSWORD, Browser

from .conftest import invited, joined

pytestmark = pytest.mark.usefixtures("acme")
ENTRANCES = (MemberSessionRow, PendingSignInRow, RecoveryRow, MemberInvitationRow, ProviderRequestRow)


@pytest.fixture
async def run(monkeypatch: pytest.MonkeyPatch, context: Context) -> ReconcileRun:
    """The command on the service's own database, and on a log that has what it published."""
    restored = await RestoredService(context, definition()).open()
    await restored.start()
    await restored.publish()

    async def opened(_run: ReconcileRun) -> tuple[Context, Broker]:
        return context, restored.broker

    async def left_open(_context: Context, _broker: MemoryBroker) -> None:
        return None

    async def recognised(*_arguments: object) -> str:
        return "log"

    monkeypatch.setattr(ReconcileRun, "_open", opened)
    monkeypatch.setattr(reconcile_command, "recognise_log", recognised)
    monkeypatch.setattr(reconcile_command, "_close", left_open)
    return ReconcileRun(definition(), SubjectSelection(), 5)


async def counted(wiring: Wiring) -> list[int]:
    async with wiring.store.reading() as session:
        return [len((await session.exec(select(table))).all()) for table in ENTRANCES]


@pytest.mark.parametrize(("choice", "left"), [(Choice.TAKE_LOG, [0, 0, 0, 0, 0]), (Choice.ABOVE, [1, 1, 1, 1, 1])])
async def test_taking_the_word_of_the_log_ends_sessions_and_links_and_says_so(
    wiring: Wiring, browser: Browser, run: ReconcileRun, choice: Choice, left: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Guards: whoever was removed since the backup would go on in the browser of then, and nothing would report it."""
    member = await joined(wiring, browser)
    await invited(wiring, address="al@acme.example")
    async with wiring.store.transaction() as session:
        jo = (await session.exec(select(MemberRow))).one()
        await PendingSignIns(session, wiring.pepper, wiring.clock).begin(jo.member_id)
        await Recoveries(session, wiring.pepper, wiring.clock).issue(jo.member_id)
        wanted = ProviderRequest(Purpose.SIGN_IN)
        await ProviderRequests(session, wiring.pepper, wiring.clock).begin("browser", wanted)
    assert not await run.reconcile(choice)
    printed = capsys.readouterr().out
    assert await counted(wiring) == left
    is_ended = choice is Choice.TAKE_LOG
    for said in (
        "remove again whoever was removed",
        "sessions 1",
        "links to new passwords 1",
        "sign-ins at the provider 1",
        "invitations 1",
    ):
        assert (said in printed) == is_ended
    assert (await member.open("/openings")).status_code == (303 if is_ended else 200)
    assert (await member.sign_in("jo@acme.example", PASSWORD)).status_code == 303
