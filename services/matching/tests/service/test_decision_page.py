"""Operators see on pages what operators decided, with the reasons that the forms promise to keep."""

from service_world import World
from sqlalchemy import insert
from visits import operator_of

from makersync.store.tables import AuditRow

PAGE = "/activity/decisions"
_LETTER = {"actor": "host", "action": "dead_letter.dismissed", "subject": "7"}


async def note(world: World, times: int = 1, **changed: object) -> None:
    row = {"at": world.clock.now(), "detail": {"because": "the writer <b>erred</b>"}} | _LETTER | changed
    async with world.store.transaction() as session:
        await session.exec(insert(AuditRow), params=[row for _ in range(times)])


async def test_the_audit_log_leads_to_decisions_with_their_reasons(world: World) -> None:
    """Guards: the forms said that reasons are kept in the audit log, and no page showed them."""
    await note(world)
    async with operator_of(world) as operator:
        assert f'href="{PAGE}"' in (await operator.open("/activity")).text
        page = await operator.open(PAGE)
        assert page.status_code == 200 and "Dead letter dismissed" in page.text
        assert "because: the writer &lt;b&gt;erred" in page.text and "<bdi>host</bdi>" in page.text
        file = await operator.open(f"{PAGE}.csv")
    assert "dead_letter.dismissed" in file.text and "the writer <b>erred" in file.text
    assert file.headers["cache-control"] == "no-store"


async def test_nothing_decided_is_said_and_many_decisions_have_pages(world: World) -> None:
    async with operator_of(world) as operator:
        assert "Nothing has been decided yet" in (await operator.open(PAGE)).text
        await note(world, times=51)
        await note(world, action="provider_admitted")
        first = (await operator.open(PAGE)).text
        assert "Provider admitted" in first and first.count("Dead letter dismissed") == 49
        address = first.split(f'href="{PAGE}?')[1].split('"')[0].replace("&amp;", "&")
        assert (await operator.open(f"{PAGE}?{address}")).text.count("Dead letter dismissed") == 2


async def test_nobody_else_sees_decisions(world: World) -> None:
    async with operator_of(world) as operator:
        operator.http.cookies.clear()
        assert (await operator.open(PAGE)).status_code == 303
        assert (await operator.open(f"{PAGE}.csv")).status_code == 303
