"""What a page that stays open holds on to in Chromium."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import CDPSession


@dataclass(frozen=True, slots=True)
class Held:
    """After what nobody needs any more was collected. `heap` in bytes."""

    nodes: int
    listeners: int
    documents: int
    heap: int


async def held_by(session: "CDPSession") -> Held:
    """The session is one of the page's with the developer tools' protocol."""
    await session.send("Performance.enable")
    await session.send("HeapProfiler.collectGarbage")
    metrics = await session.send("Performance.getMetrics")
    named = {each["name"]: int(each["value"]) for each in metrics["metrics"]}
    return Held(named["Nodes"], named["JSEventListeners"], named["Documents"], named["JSHeapUsedSize"])
