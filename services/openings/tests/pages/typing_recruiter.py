"""A recruiter at the form of an opening, without scripts."""

import re
from collections.abc import Sequence
from html import unescape

import httpx

from services.openings.tests.samples import YORK
from tests.visiting.browser import Browser

NEW = "/openings/new"
_FIELD = re.compile(r"<input ([^>]*)>|<select [^>]*name=\"([^\"]+)\"[^>]*>(.*?)</select>", re.DOTALL)


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the builder's form as it is shown."""
    found: dict[str, list[str]] = {}
    form = page.split('<form id="builder"')[1].partition("</form>")[0]
    for attributes, select, options in _FIELD.findall(form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        if select:
            chosen = re.findall(r'<option value="([^"]*)"( selected)?', options)
            value = next((value for value, mark in chosen if mark), chosen[0][0])
            found.setdefault(select, []).append(unescape(value))
        elif said.get("type") != "checkbox" or attributes.endswith(" checked"):
            found.setdefault(said["name"], []).append(unescape(said.get("value", "")))
    return found


class Typing:
    """A recruiter at the form: every step sends what is shown, with what was typed over it."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.page, self.sent = browser, "", httpx.Response(200)

    async def open(self, path: str) -> "Typing":
        self.sent = await self.browser.open(path)
        self.page = self.sent.text
        return self

    async def press(self, path: str, **typed: str | Sequence[str]) -> httpx.Response:
        fields = fields_of(self.page)
        for name, value in typed.items():
            fields[name.replace("__", ".")] = [value] if isinstance(value, str) else list(value)
        self.sent = await self.browser.http.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
        self.page = self.sent.text if self.sent.status_code < 300 or self.sent.status_code >= 400 else self.page
        return self.sent

    async def do(self, step: str, path: str = NEW, **typed: str | Sequence[str]) -> httpx.Response:
        return await self.press(f"{path}/form", do=step, **typed)


async def complete(typing: Typing, **typed: str | Sequence[str]) -> None:
    """A form that can be published, in which a credential of the catalog is required."""
    await typing.do("add:0:credential:nims.cnc-operator", title="CNC machinist", zip=YORK, positions="3", **typed)
