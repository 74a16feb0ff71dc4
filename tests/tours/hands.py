"""How somebody works a page: with a mouse, or with a keyboard alone.

The mouse uses Playwright's own actions. The keyboard reaches a control only as people do, by the Tab key from where the focus
is, and each control on which it does something must show that it has the focus, within what the window shows.
"""

from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from playwright.async_api import Locator

#: More than lead once around the longest page of the tours.
_MOST_KEYS = 250
#: Chromium begins a new search in a closed list after a second without a letter.
_TRIES, _NEW_SEARCH_MS = 5, 1_500
#: Characters from which on a text is pasted: nobody types a whole event.
_TYPED = 100
#: Whether the control is still on the page, whether it has the focus, and in words what has it.
_FOCUS = """each => {
  const focused = document.activeElement;
  const words = focused.getAttribute("aria-label") || focused.name || focused.innerText || "";
  return [each.isConnected, each === focused, `${focused.tagName.toLowerCase()} ${words.trim().slice(0, 50)}`];
}"""
#: What is wrong with how the focus shows, or nothing. Around a symbol of a map it is a ring that is drawn.
_HIDDEN_FOCUS = """each => {
  const style = getComputedStyle(each), at = each.getBoundingClientRect(), ring = each.querySelector(".touched");
  const drawn = ring && getComputedStyle(ring);
  const isRinged = drawn && drawn.stroke !== "none" && parseFloat(drawn.strokeWidth) >= 2;
  if (!each.matches(":focus-visible")) return "it is not :focus-visible";
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  if (!isOutlined && !isRinged) return "it has no outline";
  if (at.bottom <= 0 || at.top >= innerHeight || at.right <= 0 || at.left >= innerWidth) return "it is outside of the window";
  return "";
}"""


class Hand(Protocol):
    """All methods wait until the control is there."""

    async def press(self, control: "Locator") -> None: ...
    async def write(self, field: "Locator", text: str) -> None:
        """Instead of what the field holds."""
        ...

    async def choose(self, field: "Locator", option: str) -> None: ...
    async def pick(self, field: "Locator", day: date) -> None: ...


class Mouse:
    async def press(self, control: "Locator") -> None:
        await control.click()

    async def write(self, field: "Locator", text: str) -> None:
        await field.fill("")
        await field.press_sequentially(text) if len(text) < _TYPED else await field.fill(text)

    async def choose(self, field: "Locator", option: str) -> None:
        await field.select_option(label=option)

    async def pick(self, field: "Locator", day: date) -> None:
        await field.fill(day.isoformat())


class Keyboard:
    async def press(self, control: "Locator") -> None:
        """Links and buttons by Enter, boxes to tick by the space bar."""
        await self._reach(control)
        is_box = await control.get_attribute("type") in ("checkbox", "radio")
        await control.page.keyboard.press("Space" if is_box else "Enter")

    async def write(self, field: "Locator", text: str) -> None:
        await self._reach(field)
        keyboard = field.page.keyboard
        await keyboard.press("ControlOrMeta+a")
        await keyboard.type(text) if len(text) < _TYPED else await keyboard.insert_text(text)

    async def choose(self, field: "Locator", option: str) -> None:
        """By the letters of the option, which a closed list searches for. A pause between them begins a new search."""
        await self._reach(field)
        for _ in range(_TRIES):
            await field.page.keyboard.type(option)
            if await field.evaluate("each => each.selectedOptions[0].textContent") == option:
                return
            await field.page.wait_for_timeout(_NEW_SEARCH_MS)
        raise AssertionError(f"typing does not choose {option}")

    async def pick(self, field: "Locator", day: date) -> None:
        """In the order of American dates."""
        await self._reach(field)
        await field.page.keyboard.type(f"{day:%m%d%Y}")

    async def _reach(self, control: "Locator") -> None:
        """A part of the page that is loaded again on the way may replace the control."""
        passed: list[str] = []
        found = await control.element_handle()
        while len(passed) < _MOST_KEYS:
            is_there, is_focused, focus = await found.evaluate(_FOCUS)
            if is_focused:
                hidden = await found.evaluate(_HIDDEN_FOCUS)
                assert not hidden, f"{control} has the focus, and nobody can see it: {hidden}"
                return
            passed.append(focus)
            if not is_there:
                found = await control.element_handle()
            await control.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not lead to {control}, but to {passed}")
