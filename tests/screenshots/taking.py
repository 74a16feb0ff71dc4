"""Photographs pages in Chromium, at the widths and in the schemes that people have."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")
_HEIGHT = 900
#: Until htmx has loaded what is live.
_QUIET_MS = 400


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at a page."""

    width: int
    scheme: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}"


LOOKS = tuple(Look(width, scheme) for width in WIDTHS for scheme in SCHEMES)


async def photograph(page: "Page", address: str, look: Look, file: Path) -> None:
    """The whole page, as PNG."""
    await _show(page, address, look)
    await page.screenshot(path=file, full_page=True)


async def photograph_beginning(page: "Page", address: str, look: Look, file: Path) -> None:
    """What fits a screen, as WebP, which is small enough to be carried in the repository."""
    await _show(page, address, look)
    session = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {"format": "webp", "quality": 70})
    await session.detach()
    file.write_bytes(base64.b64decode(shot["data"]))


def contact_sheet(shots: Mapping[str, Sequence[Path]]) -> str:
    """An HTML page with all pictures beside each other, by what they show; it stands in the folder of the pictures."""
    rows = [f"<h2>{escape(title)}</h2>{''.join(map(_picture, files))}" for title, files in shots.items()]
    return f"<!doctype html><meta charset=utf-8><title>Screenshots</title>{''.join(rows)}\n"


async def _show(page: "Page", address: str, look: Look) -> None:
    await page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
    await page.set_viewport_size({"width": look.width, "height": _HEIGHT})
    await page.goto(address)
    await page.wait_for_timeout(_QUIET_MS)


def _picture(file: Path) -> str:
    return f'<a href="{escape(file.name)}"><img src="{escape(file.name)}" alt="{escape(file.stem)}" height="480"></a>\n'
