"""axe-core's judgement of a page in Chromium, in words."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import Page

_AXE = Path(__file__).parent / "axe" / "axe.min.js"
#: What WCAG 2.2 demands at the levels A and AA, and what its authors call best practice.
_JUDGE = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
})).violations"""


async def barriers(page: "Page") -> list[str]:
    """What keeps people from using the page as it stands: the rule that is broken, what it says, and where. Scripts of the page
    could not do this under its policy; Playwright evaluates as the developer tools of the browser do."""
    await page.evaluate(f"() => {{ {_source()} }}")
    found: list[dict[str, Any]] = await page.evaluate(_JUDGE)
    return [f"{each['id']}: {each['help']}: {_where(node)}" for each in found for node in each["nodes"]]


def _where(node: dict[str, Any]) -> str:
    return f"{node['html'][:200]} ({' '.join(node['failureSummary'].split())[:300]})"


@cache
def _source() -> str:
    return _AXE.read_text(encoding="utf-8")
