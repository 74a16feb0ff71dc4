"""The page of what happens now: what is wrong, since when, and what to do."""

from service_world import World
from sqlmodel import select
from visits import operator_of, visitor_of

from makersync.effects.halts import Halt, halts, record_halt
from makersync.members.tables import MemberRow
from makersync.store.tables import AuditRow
from tests.visiting.browser import PASSWORD

NOW, PART = "/operations", "/operations/now"


async def halt(world: World) -> None:
    async with world.store.transaction() as session:
        await record_halt(session, Halt("matching.market", 3, "", "too many dead letters", world.clock.now()))


async def test_a_service_that_is_well_says_so(world: World) -> None:
    await world.opening()
    await world.settle()
    async with operator_of(world) as operator:
        page, part = await operator.open(NOW), await operator.open(PART, HX_Request="true")
    assert page.status_code == part.status_code == 200
    assert "All is well" in page.text and "matching.market" in page.text
    assert "<html" in page.text and "<html" not in part.text


async def test_a_halted_partition_is_shown_with_what_mends_it_and_goes_on(world: World) -> None:
    await halt(world)
    async with operator_of(world) as operator:
        page = await operator.open(NOW)
        assert "Something has stopped" in page.text and "too many dead letters" in page.text
        assert "makersync resume matching --consumer matching.market --partition 3" in page.text
        sent = await operator.send(f"{NOW}/resume", consumer="matching.market", partition="3", because="the writer is mended")
        assert (sent.status_code, sent.headers["location"]) == (303, f"{NOW}?done=resumed")
        assert "It has been asked to resume" in (await operator.open(NOW)).text
    async with world.store.reading() as session:
        assert [each.is_to_resume for each in await halts(session)] == [True]
        noted = (await session.exec(select(AuditRow).where(AuditRow.action == "partition.resumed"))).one()
        member = (await session.exec(select(MemberRow))).one()
    assert (noted.actor, noted.detail["because"]) == (member.member_id, "the writer is mended")


async def test_what_does_not_stand_still_is_not_said_to_go_on(world: World) -> None:
    async with operator_of(world) as operator:
        await operator.open(NOW)
        sent = await operator.send(f"{NOW}/resume", consumer="matching.market", partition="3", because="to be sure")
        assert "does not stand still, so nothing was done" in (await operator.open(sent.headers["location"])).text


async def test_nothing_goes_on_without_a_reason(world: World) -> None:
    await halt(world)
    async with operator_of(world) as operator:
        await operator.open(NOW)
        refused = await operator.send(f"{NOW}/resume", consumer="matching.market", partition="3", because=" ")
    assert refused.status_code == 422 and "must be filled in" in refused.text
    async with world.store.reading() as session:
        assert [each.is_to_resume for each in await halts(session)] == [False]


async def test_nobody_else_sees_the_page_or_lets_anything_go_on(world: World) -> None:
    """Guards: a role that a service does not know, or a form from elsewhere, would be an operator's."""
    await halt(world)
    async with visitor_of(world) as visitor:
        assert (await visitor.open(NOW)).status_code == 303
        assert (await visitor.send(f"{NOW}/resume", consumer="matching.market", partition="3", because="x")).status_code == 401
    async with operator_of(world) as operator:
        await operator.open(NOW)
        fields = {"consumer": "matching.market", "partition": "3", "because": "x", "form_token": operator.form_token}
        assert (await operator.send_from("cross-site", f"{NOW}/resume", **fields)).status_code == 403
        assert (await operator.send_from("same-origin", f"{NOW}/resume", **fields | {"form_token": "x"})).status_code == 403
    async with world.store.reading() as session:
        assert [each.is_to_resume for each in await halts(session)] == [False]


async def test_operators_look_after_each_other_on_a_page(world: World) -> None:
    async with operator_of(world) as operator:
        page = await operator.open("/members")
        assert page.status_code == 200 and "jo@platform.example" in page.text
        invited = await operator.send("/members/invite", present=PASSWORD, address="al@platform.example", role="operator")
    assert invited.status_code == 200 and "/join/" in invited.text
