"""What an employer and a training provider do on their pages, step by step."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tests.tours.hands import Hand
from tests.visiting.chromium import playwright

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

#: In milliseconds: far more than anything takes, for machines that do much else.
PATIENCE_MS = 60_000
#: Between two looks at a page that does not change by itself.
AGAIN_MS = 1_000
LOOKS = 60
#: An issuer for whom the demo's first provider is accredited, and what makes a rare competency.
CREDENTIAL, FOUND_BY, ISSUER = "Lean Bronze Certification", "lean bronze", "SME"
#: Few enough have it that one more or less changes the figure that is published.
COMPETENCY = "Continuous improvement, level 3"
ZIP = "44113"
EMAIL = "robin.lean@example.com"


async def sees(what: "Locator") -> None:
    await playwright.expect(what).to_be_visible(timeout=PATIENCE_MS)


async def sees_after_reloading(page: "Page", what: "Locator") -> None:
    """For pages that show what another service tells and do not change by themselves."""
    for _ in range(LOOKS):
        try:
            return await what.first.wait_for(timeout=AGAIN_MS)
        except playwright.TimeoutError:
            await page.reload()
    raise AssertionError(f"{what} did not come")


@dataclass(frozen=True, slots=True)
class Recruiter:
    page: "Page"
    hand: Hand

    async def publish(self, title: str) -> str:
        """The path of a new opening that asks for verified proof of CREDENTIAL; its page is open."""
        page, hand = self.page, self.hand
        await hand.press(page.get_by_role("link", name="Publish an opening"))
        await hand.write(page.get_by_label("Name of the job"), title)
        await hand.write(page.get_by_label("ZIP code of the workplace"), ZIP)
        await hand.press(page.get_by_label("Verified proof only"))
        await hand.write(page.get_by_label("Choose from the catalog"), FOUND_BY)
        await hand.press(page.get_by_role("button", name=CREDENTIAL))
        await sees(page.get_by_role("button", name=f"Remove {CREDENTIAL}"))
        await sees(page.locator(".sentence", has_text=f"{CREDENTIAL} with verified proof"))
        await hand.press(page.get_by_role("button", name="Count learners"))
        await sees(page.get_by_text("Of these, qualify"))
        await hand.press(page.get_by_role("button", name="Publish", exact=True))
        await sees(page.get_by_role("heading", name=title))
        await page.wait_for_url("**/openings/opn_*")
        return page.url

    def candidate(self, learner_id: str) -> "Locator":
        """The card on the page of the opening."""
        return self.page.locator(f"#{learner_id}")

    async def ask(self, learner_id: str) -> None:
        """On the page of the opening."""
        page, hand = self.page, self.hand
        await hand.press(self.candidate(learner_id).get_by_role("link", name="Ask to meet"))
        await hand.write(page.get_by_label("How to reach you"), "the hiring office, 216-555-0117")
        await hand.write(page.get_by_label("Your message to the candidate"), "We would like to show you our shop.")
        await hand.press(page.get_by_role("button", name="Ask", exact=True))
        await sees(page.get_by_text("asked", exact=True))

    async def read_contact(self, name: str) -> None:
        """On the page of the introduction; the provider's service shows the contact in a window of its own."""
        page, hand = self.page, self.hand
        await hand.press(page.get_by_role("button", name="Get the link to name and contact"))
        async with page.expect_popup() as opened:
            await hand.press(page.get_by_role("link", name="Open name and contact"))
        contact = await opened.value
        await self._show(contact)
        await sees(contact.get_by_text(name, exact=True))
        await sees(contact.get_by_role("link", name=EMAIL))
        await contact.close()

    async def _show(self, contact: "Page") -> None:
        """The page says so when the provider's service has not heard of the permission yet, and can be asked again."""
        show = contact.get_by_role("button", name="Show name and contact")
        for _ in range(LOOKS):
            async with contact.expect_response("**/contacts/**") as answered:
                await self.hand.press(show)
            if (await answered.value).ok:
                return
            await sees(contact.get_by_role("alert").filter(has_text="press the button again"))
            await contact.wait_for_timeout(AGAIN_MS)

    async def hire(self) -> None:
        await self.hand.press(self.page.get_by_role("button", name="Hired", exact=True))
        await sees(self.page.get_by_text("hired", exact=True))


@dataclass(frozen=True, slots=True)
class ProgramLead:
    page: "Page"
    hand: Hand

    async def register(self, name: str) -> str:
        """The id of a new learner, who looks for work and agrees to be matched."""
        page, hand = self.page, self.hand
        await hand.press(page.get_by_role("link", name="Learners", exact=True).first)
        await hand.press(page.get_by_role("link", name="Register a learner").first)
        await hand.write(page.get_by_label("Name", exact=True), name)
        await hand.write(page.get_by_label("E-mail address"), EMAIL)
        await hand.write(page.get_by_label("ZIP code of home"), ZIP)
        await hand.press(page.get_by_label("Has agreed to be matched"))
        await hand.press(page.get_by_role("button", name="Register"))
        await sees(page.get_by_role("heading", name=name))
        await sees(page.get_by_text("agreed to be matched", exact=True))
        return page.url.rpartition("/")[2]

    async def record(self) -> float:
        """CREDENTIAL as earned today, for the learner whose page is open. Returns the monotonic time of the click."""
        page, hand = self.page, self.hand
        await hand.press(page.get_by_role("link", name="Record an award"))
        await hand.choose(page.get_by_label("Credential"), f"{CREDENTIAL} ({ISSUER})")
        await hand.pick(page.get_by_label("Issued on"), today())
        pressed = time.monotonic()
        await hand.press(page.get_by_role("button", name="Record"))
        await sees(page.get_by_text("verified by accreditation"))
        return pressed

    async def revoke(self) -> None:
        """CREDENTIAL, of the learner whose page is open."""
        await self.hand.press(self.page.get_by_role("link", name=CREDENTIAL))
        await self.hand.press(self.page.get_by_label("The issuer has taken this award back"))
        await self.hand.press(self.page.get_by_role("button", name="Revoke"))
        await sees(self.page.get_by_text("revoked"))

    async def make_link(self, name: str) -> str:
        """The address at which the learner answers an employer who has just asked."""
        await self.open_introduction(name, "waiting for an answer")
        await self.hand.press(self.page.get_by_role("button", name="Make a link"))
        link = self.page.locator(".notice.good").get_by_role("link").first
        await sees(link)
        return await link.inner_text()

    async def confirm_hire(self, name: str) -> None:
        await self.open_introduction(name, "hire to confirm")
        await self.hand.press(self.page.get_by_role("button", name="Yes, confirm the hire"))
        await sees(self.page.get_by_text(", confirmed"))

    async def open_introduction(self, name: str, status: str) -> None:
        """Once the list has it in this status."""
        page = self.page
        await self.hand.press(page.get_by_role("link", name="Introductions").first)
        listed = page.get_by_role("row", name=name).filter(has_text=status).get_by_role("link")
        await sees_after_reloading(page, listed)
        await self.hand.press(listed.first)
        await sees(page.get_by_role("heading", name=f"Introduction of {name}"))


def today() -> date:
    return datetime.now(UTC).date()
