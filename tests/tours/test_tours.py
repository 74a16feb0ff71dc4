"""Three tours through the pages of a running demo, each with a mouse and with a keyboard alone."""

import secrets
import time

import pytest

from tests.tours.broken_record import RIGHT, SECRET, WRONG, write_broken_record
from tests.tours.conftest import Visitors
from tests.tours.demand_map import OpenMap
from tests.tours.hands import Hand
from tests.tours.steps import CREDENTIAL, ProgramLead, Recruiter, sees, sees_after_reloading
from tests.visiting.chromium import playwright

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


async def test_an_employer_publishes_a_provider_records_and_a_learner_is_hired(
    visitors: Visitors, hand: Hand, capsys: pytest.CaptureFixture[str]
) -> None:
    """Guards: a step between the services that only a program can take."""
    recruiter, lead = Recruiter(await visitors.employer(), hand), ProgramLead(await visitors.provider(), hand)
    name = f"Robin Lean {secrets.token_hex(3)}"
    opening = await recruiter.publish(f"Lean coach for {name}")
    learner_id = await lead.register(name)
    pressed = await lead.record()
    await sees(recruiter.candidate(learner_id))
    with capsys.disabled():
        print(f"\n{time.monotonic() - pressed:.2f} s from the provider's click to the card on the employer's open page")

    await recruiter.ask(learner_id)
    learner = await visitors.learner()
    await learner.goto(await lead.make_link(name))
    await sees(learner.get_by_text("We would like to show you our shop."))
    await hand.press(learner.get_by_role("button", name="Yes, I would like to meet"))

    await sees_after_reloading(recruiter.page, recruiter.page.get_by_text("accepted", exact=True))
    await recruiter.read_contact(name)
    await recruiter.hire()
    await recruiter.page.goto(opening)
    await sees(recruiter.page.get_by_text("0 of 1 position open"))
    await lead.confirm_hire(name)


async def test_a_revocation_takes_a_candidate_away_and_changes_the_demand(visitors: Visitors, hand: Hand) -> None:
    """Guards: an employer who goes on planning with somebody whose award was taken back, and does not see why; and a map of
    demand that stands still, or that a keyboard does not reach."""
    recruiter, lead = Recruiter(await visitors.employer(), hand), ProgramLead(await visitors.provider(), hand)
    demand = OpenMap(await lead.page.context.new_page(), hand)
    name = f"Kim Once {secrets.token_hex(3)}"
    await recruiter.publish(f"Lean trainer for {name}")
    await demand.open()
    without = await demand.people()
    learner_id = await lead.register(name)
    learner = lead.page.url
    await lead.record()
    await sees(recruiter.candidate(learner_id).locator(".met", has_text=f"{CREDENTIAL}, verified"))
    having = await demand.shows_more(than=without)

    await lead.page.goto(learner)
    await lead.revoke()
    former = recruiter.page.get_by_role("listitem").filter(has_text=learner_id)
    await sees(recruiter.page.get_by_role("heading", name="Recently removed candidates"))
    await sees(former.get_by_text(CREDENTIAL))
    await playwright.expect(recruiter.candidate(learner_id)).to_have_count(0)
    await demand.shows_fewer(than=having)
    await demand.come_nearer()


async def test_an_operator_mends_what_was_set_aside(visitors: Visitors, hand: Hand) -> None:
    """Guards: a record that stops nothing and that nobody can bring back, or that tells operators about a person."""
    page = await visitors.operator()
    await sees(page.get_by_role("heading", name="All is well"))
    await write_broken_record(visitors.demo.broker_address)
    await hand.press(page.get_by_role("link", name="Go there"))
    await hand.press(page.get_by_role("table").get_by_role("link").first)
    event = page.get_by_label("The event as JSON")
    await sees(event)
    assert SECRET not in await page.content()
    assert "•••" in await event.input_value()
    await hand.write(event, (await event.input_value()).replace(WRONG, RIGHT))
    edit = page.locator("form", has=event)
    await hand.write(edit.get_by_label("Reason (kept in the audit log)"), "the provider meant yes")
    await hand.press(edit.get_by_role("button"))
    await sees(page.get_by_role("status").filter(has_text="Replay the letter to process it"))
    await hand.write(page.get_by_label("Reason (kept in the audit log)").first, "mended")
    await hand.press(page.get_by_role("button", name="Replay"))
    await sees(page.get_by_role("status").filter(has_text="Your decision is saved"))
    await hand.press(page.get_by_role("link", name="Status"))
    await sees(page.get_by_role("heading", name="All is well"))
