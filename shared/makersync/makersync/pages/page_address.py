"""Where the links lead that a service's pages and commands hand out."""

from fastapi import Request

from makersync.mail.setup import public_address_of
from makersync.pages.forms import host_of
from makersync.settings import Settings


def page_address(settings: Settings, request: Request | None = None) -> str:
    """Where people reach the service's pages, without a slash at the end: what the operators have set, or else where the
    browser does that sent a form, or else where the process listens. Behind a proxy that ends TLS, the browser alone knows
    that the address is `https`: `Origin` says so, if it names the host that was asked."""
    public = public_address_of(settings)
    if public is not None:
        return public
    if request is None:
        return f"http://{settings.http_host}:{settings.http_port}"
    origin = request.headers.get("Origin", "")
    asked = request.headers.get("host", "")
    return origin if asked and host_of(origin) == asked else str(request.base_url).rstrip("/")
