"""From an opening to a hire, through the pages of the employer, the training provider and the learner of a running demo."""

import secrets
import time

import pytest

from tests.tours.conftest import Visitors
from tests.tours.hands import Hand
from tests.tours.steps import ProgramLead, Recruiter, sees, sees_after_reloading

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
