"""The demo that the tours go through, and who goes there."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.tours.hands import Hand, Keyboard, Mouse
from tests.visiting.chromium import Chromium, chromium
from tests.visiting.demo import free_ports, standing_demo

if TYPE_CHECKING:
    from playwright.async_api import Page

#: Large enough that figures of demand are shown, and small enough to be loaded in seconds.
_MARKET = ("--regions", "17410", "--openings", "40", "--learners", "60", "--seed", "7")


@dataclass(frozen=True, slots=True)
class Demo:
    """`entrances` are the addresses by service that sign a visitor in."""

    entrances: Mapping[str, str]
    broker_address: str


@dataclass(frozen=True, slots=True)
class Visitors:
    """Everybody comes with cookies of their own."""

    demo: Demo
    browser: Chromium

    async def employer(self) -> "Page":
        return await self._member("openings")

    async def provider(self) -> "Page":
        return await self._member("learners")

    async def operator(self) -> "Page":
        return await self._member("matching")

    async def learner(self) -> "Page":
        """Signed in nowhere."""
        return await self.browser.page(_origin(self.demo.entrances["learners"]))

    async def _member(self, service: str) -> "Page":
        entrance = self.demo.entrances[service]
        page = await self.browser.page(_origin(entrance))
        await page.goto(entrance)
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    ports = free_ports()
    async with standing_demo(tmp_path_factory.mktemp("tours") / "demo", _MARKET, ports) as entrances:
        yield Demo(entrances, f"127.0.0.1:{ports['broker']}")


@pytest.fixture
async def visitors(demo: Demo) -> AsyncIterator[Visitors]:
    # A contact may be asked for before the learners service has heard of the permission.
    async with chromium("/contacts/") as browser:
        yield Visitors(demo, browser)


@pytest.fixture(params=[Mouse, Keyboard], ids=["mouse", "keyboard"])
def hand(request: pytest.FixtureRequest) -> Hand:
    made: Hand = request.param()
    return made


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
