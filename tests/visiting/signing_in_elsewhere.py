"""Browsers that sign in at the small OpenID provider of the tests."""

from dataclasses import replace
from ipaddress import ip_network
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from makersync.http.wiring import Wiring
from tests.visiting.browser import Browser
from tests.visiting.openid_provider import CLIENT, SECRET, OpenIdProvider

NAME = "Works login"
GO, RETURN = "/sign-in/oidc/go", "/sign-in/oidc/return"


def set_up(app: FastAPI, wiring: Wiring, provider: OpenIdProvider, public_address: str = "https://pages.example") -> None:
    """The service has this provider, as if it had started with it."""
    oidc = {
        "public_address": public_address,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_name": NAME,
        "oidc_networks": (ip_network("127.0.0.0/8"),),
    }
    app.state.wiring = replace(wiring, settings=wiring.settings.model_copy(update=oidc))
    app.state.relying_party = None


async def sent(browser: Browser, path: str = "/sign-in/oidc", **fields: str) -> httpx.Response:
    """The page that leads on to the provider, or that says why there is none."""
    answer = await browser.send(path, **fields)
    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{GO}?state="), answer.text
    return await browser.open(answer.headers["location"])


async def at_provider(page: httpx.Response) -> str:
    """The path that the provider sends the browser back to."""
    assert page.status_code == 200, page.text
    address = page.headers["refresh"].removeprefix("0; url=")
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.get(address)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert (back.netloc, back.path) == ("pages.example", RETURN)
    return f"{back.path}?{back.query}"


async def came_back(browser: Browser, path: str = "/sign-in/oidc", **fields: str) -> httpx.Response:
    """All the way there and back."""
    return await browser.open(await at_provider(await sent(browser, path, **fields)))
