"""Dead letters on pages: seen with what could name a person hidden, edited by the contract, replayed and dismissed."""

import json
import re
from html import unescape

import pytest
from service_world import REGION, World, award
from sqlmodel import select
from visits import operator_of, visitor_of

from contracts.topics import LEARNER
from makersync.store.tables import AuditRow, DeadLetterRow
from tests.visiting.browser import Browser

LETTERS = "/dead-letters"
SECRETS = ("Secretperson", "ann@secret.example", "+1 (216) 555-0199")


async def spoil(world: World, learner: str = "ann", **changes: object) -> None:
    """An event that breaks the contract, with what no topic should carry."""
    personal: dict[str, object] = {"given_name": SECRETS[0], "contact": {"mail": SECRETS[1]}, "zip": SECRETS[2], SECRETS[1]: 1}
    personal["next_of_kin"] = {"title": SECRETS[0], SECRETS[0]: {"zip": SECRETS[2]}}
    await world.learner(learner, award(CREDENTIAL), **{"seeking": "perhaps", **personal, **changes})
    await world.settle()


CREDENTIAL = "nims:milling"


async def letters(world: World) -> list[DeadLetterRow]:
    async with world.store.reading() as session:
        return list((await session.exec(select(DeadLetterRow).order_by(DeadLetterRow.id))).all())


async def audit(world: World, action: str) -> list[AuditRow]:
    async with world.store.reading() as session:
        return list((await session.exec(select(AuditRow).where(AuditRow.action == action))).all())


def typed(page: str) -> str:
    """The event as the form shows it."""
    [text] = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return unescape(text)


def field(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


async def edit(operator: Browser, path: str, change: dict[str, object], **fields: str) -> int:
    page = (await operator.open(path)).text
    event = json.loads(typed(page))
    event["data"] |= change
    sent = {"record": json.dumps(event), "digest": field(page, "digest"), "because": "the writer erred"} | fields
    return (await operator.send(f"{path}/edit", **sent)).status_code


async def test_no_page_of_a_letter_shows_what_could_name_a_person(world: World) -> None:
    """Guards: a record that could not be read may hold anything, in fields of any name."""
    await spoil(world)
    await world.put(LEARNER, f"{REGION}/{SECRETS[1]}", f"no json {SECRETS[0]}".encode())
    await world.settle()
    async with operator_of(world) as operator:
        pages = [(await operator.open(path)).text for path in (LETTERS, f"{LETTERS}/1", f"{LETTERS}/2")]
        await operator.open(f"{LETTERS}/1")
        pages.append((await operator.send(f"{LETTERS}/1/edit", record="{", because="x", digest="other")).text)
    assert "breaks contract" in pages[0] and "•••" in pages[1] and "perhaps" in pages[1]
    for page in pages:
        assert [each for each in SECRETS if each in unescape(page)] == []


async def test_an_edited_letter_is_replayed_and_keeps_what_was_hidden(world: World) -> None:
    await world.opening()
    await spoil(world, zip="44113")
    async with operator_of(world) as operator:
        assert await edit(operator, f"{LETTERS}/1", {"seeking": True}) == 303
        confirmed = field((await operator.open(f"{LETTERS}/1")).text, "confirmed")
        sent = await operator.send(f"{LETTERS}/decide", id="1", action="replay", confirmed=confirmed, because="mended")
        assert sent.status_code == 303
    [row] = await letters(world)
    kept = json.loads(row.payload or b"")["data"]
    assert (kept["seeking"], kept["given_name"], kept[SECRETS[1]]) == (True, SECRETS[0], 1)
    assert kept["next_of_kin"] == {"title": SECRETS[0], SECRETS[0]: {"zip": SECRETS[2]}}
    assert [kind for kind, *_ in await world.news()] == ["proposed"]
    assert [each.status for each in await letters(world)] == ["replayed"]
    [noted] = await audit(world, "dead_letter.edited")
    assert noted.detail["because"] == "the writer erred" and noted.actor.startswith("mem_")
    assert [each for each in SECRETS if each in json.dumps(noted.detail)] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeking": "maybe"}, "seeking"),
        ({"learner_id": "bob"}, "wrong subject"),
        ({"region": "90001"}, "wrong region"),
        ({"awards": "•••"}, "nothing is hidden here"),
    ],
)
async def test_what_breaks_the_contract_is_not_kept(world: World, change: dict[str, object], said: str) -> None:
    """Guards: an edit that no consumer understands, or that is about another subject."""
    await spoil(world, zip="44113")
    before = [row.payload for row in await letters(world)]
    async with operator_of(world) as operator:
        page = (await operator.open(f"{LETTERS}/1")).text
        event = json.loads(typed(page))
        event["data"] |= {"seeking": True} | change
        text = json.dumps(event, ensure_ascii=False)
        sent = await operator.send(f"{LETTERS}/1/edit", record=text, digest=field(page, "digest"), because="try")
    assert sent.status_code == 422 and said in unescape(sent.text) and typed(sent.text) == text
    assert [row.payload for row in await letters(world)] == before


async def test_two_who_edit_one_letter_lose_nothing(world: World) -> None:
    await spoil(world, zip="44113")
    async with operator_of(world) as operator:
        page = (await operator.open(f"{LETTERS}/1")).text
        assert await edit(operator, f"{LETTERS}/1", {"seeking": True}) == 303
        mine = typed(page).replace('"perhaps"', "false")
        late = await operator.send(f"{LETTERS}/1/edit", record=mine, digest=field(page, "digest"), because="me too")
    assert late.status_code == 409 and typed(late.text) == mine
    assert json.loads((await letters(world))[0].payload or b"")["data"]["seeking"] is True


async def test_many_are_decided_about_after_a_look_at_them(world: World) -> None:
    """Guards: a filter that finds more than was meant, and letters that came meanwhile."""
    for learner in ("ann", "bob", "eve"):
        await spoil(world, learner)
    chosen = {"reason": "breaks_contract", "every": "yes", "action": "dismiss"}
    async with operator_of(world) as operator:
        await operator.open(LETTERS)
        asked = await operator.send(f"{LETTERS}/decide", **chosen)
        assert asked.status_code == 200 and "Dismiss 3 dead letters?" in asked.text
        three = field(asked.text, "confirmed")
        await spoil(world, "joe")
        again = await operator.send(f"{LETTERS}/decide", confirmed=three, because="a test", **chosen)
        assert again.status_code == 200 and "not the letters that you confirmed" in again.text
        four = field(again.text, "confirmed")
        without = await operator.send(f"{LETTERS}/decide", confirmed=four, because=" ", **chosen)
        assert without.status_code == 422 and "must be filled in" in without.text
        assert {row.status for row in await letters(world)} == {"open"}
        done = await operator.send(f"{LETTERS}/decide", confirmed=four, because="a test", **chosen)
        assert done.status_code == 303
        assert "no such letters" in (await operator.open(LETTERS)).text
    assert {row.status for row in await letters(world)} == {"dismissed"}
    assert len(await audit(world, "dead_letter.dismissed")) == 4


async def test_one_that_came_for_one_that_was_decided_about_is_not_dismissed_unseen(world: World) -> None:
    """Guards: they would be as many as were confirmed, and be others."""
    chosen = {"reason": "breaks_contract", "every": "yes", "action": "dismiss"}
    for learner in ("ann", "bob"):
        await spoil(world, learner)
    async with operator_of(world) as operator:
        await operator.open(LETTERS)
        confirmed = field((await operator.send(f"{LETTERS}/decide", **chosen)).text, "confirmed")
        one = field((await operator.open(f"{LETTERS}/1")).text, "confirmed")
        decided = await operator.send(f"{LETTERS}/decide", id="1", action="dismiss", confirmed=one, because="by another")
        assert decided.status_code == 303
        await spoil(world, "eve")
        again = await operator.send(f"{LETTERS}/decide", confirmed=confirmed, because="a test", **chosen)
        assert (
            again.status_code == 200
            and "not the letters that you confirmed" in again.text
            and "Dismiss 2 dead letters?" in again.text
        )
        by_number = await operator.send(f"{LETTERS}/decide", confirmed="2", because="a test", **chosen)
        assert by_number.status_code == 200
    assert [row.status for row in await letters(world)] == ["dismissed", "open", "open"]


async def test_nothing_is_decided_about_letters_that_nobody_named(world: World) -> None:
    """Guards: a form without a tick would mean all letters."""
    await spoil(world)
    async with operator_of(world) as operator:
        await operator.open(LETTERS)
        sent = await operator.send(f"{LETTERS}/decide", action="dismiss", confirmed="1", because="x")
    assert sent.status_code == 422 and [row.status for row in await letters(world)] == ["open"]


async def test_the_list_is_filtered_by_reason_topic_and_time(world: World) -> None:
    await spoil(world)
    await world.put(LEARNER, f"{REGION}/bob", b"no json")
    await world.settle()
    day = world.clock.today().isoformat()
    found = {"": 2, "reason=not_json": 1, f"topic={LEARNER.name}&subject=ann": 1, f"from={day}&to={day}": 2, "to=2020-01-01": 0}
    async with operator_of(world) as operator:
        for query, count in found.items():
            page = await operator.open(f"{LETTERS}?{query}")
            assert page.text.count('scope="row"') == count, query
        refused = [await operator.open(f"{LETTERS}?{each}") for each in ("partition=x", "from=soon", "status=lost")]
    assert [each.status_code for each in refused] == [422] * 3


async def test_nobody_else_sees_a_letter_or_decides_about_one(world: World) -> None:
    await spoil(world)
    async with visitor_of(world) as visitor:
        assert [(await visitor.open(path)).status_code for path in (LETTERS, f"{LETTERS}/1")] == [303, 303]
        assert (
            await visitor.send(f"{LETTERS}/decide", id="1", action="dismiss", confirmed="1", because="x")
        ).status_code == 401
        assert (await visitor.send(f"{LETTERS}/1/edit", record="{}", because="x")).status_code == 401
    async with operator_of(world) as operator:
        await operator.open(LETTERS)
        fields = {"id": "1", "action": "dismiss", "confirmed": "1", "because": "x", "form_token": operator.form_token}
        assert (await operator.send_from("cross-site", f"{LETTERS}/decide", **fields)).status_code == 403
        assert (await operator.open(f"{LETTERS}/99")).status_code == 404
    assert [row.status for row in await letters(world)] == ["open"]
