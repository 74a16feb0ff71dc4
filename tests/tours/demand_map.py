"""The map of demand that a provider leaves open: it changes by itself, and leads nearer."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.tours.hands import Hand
from tests.tours.steps import AGAIN_MS, COMPETENCY, LOOKS, sees

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

REGION = "17410"
_PEOPLE = re.compile(r"([\d,]+) (?:person|people)$")
#: Set on the window of the page that was opened: it is gone when the page is loaded again.
_MARK, _IS_MARKED = "() => { window.isSame = true }", "() => window.isSame === true"


@dataclass(frozen=True, slots=True)
class OpenMap:
    """A second tab of the provider, which nobody loads again."""

    page: "Page"
    hand: Hand

    async def open(self) -> None:
        """With COMPETENCY alone, which is what each symbol stands for then."""
        await self.page.goto("/demand")
        await self.hand.choose(self.page.get_by_label("Asked for"), COMPETENCY)
        await self.hand.press(self.page.get_by_role("button", name="Show"))
        await self.page.wait_for_url("**/demand?*subject=competency*")
        await sees(self.symbol)
        await self.page.evaluate(_MARK)

    @property
    def symbol(self) -> "Locator":
        return self.page.locator(f"#at-{REGION}")

    async def people(self) -> int:
        """As the symbol says."""
        said = await self.symbol.get_attribute("aria-label") or ""
        found = _PEOPLE.search(said)
        assert found is not None, said
        return int(found[1].replace(",", ""))

    async def shows_more(self, than: int) -> int:
        """Learners who were hired a moment ago may still leave the figure meanwhile."""
        for _ in range(LOOKS):
            now = await self.people()
            if now > than:
                return await self._unloaded(now)
            than = min(than, now)
            await self.page.wait_for_timeout(AGAIN_MS)
        raise AssertionError(f"the symbol of {REGION} stays at {than}")

    async def shows_fewer(self, than: int) -> None:
        for _ in range(LOOKS):
            if await self.people() < than:
                await self._unloaded(than)
                return
            await self.page.wait_for_timeout(AGAIN_MS)
        raise AssertionError(f"the symbol of {REGION} stays at {than}")

    async def come_nearer(self) -> None:
        """By the symbol: its labour market with the counties around it, and then its figures."""
        await self.hand.press(self.symbol)
        await self.page.wait_for_url(f"**/demand?region={REGION}*")
        await sees(self.page.get_by_role("link", name="All of your labour markets"))
        await self.hand.press(self.symbol)
        await self.page.wait_for_url(f"**/demand/{REGION}/competency*")
        await sees(self.page.get_by_role("heading", name=COMPETENCY).first)

    async def _unloaded(self, now: int) -> int:
        assert await self.page.evaluate(_IS_MARKED), "the page was loaded again"
        return now
