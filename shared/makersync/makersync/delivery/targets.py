"""Which URLs an organisation may name. What their hosts lead to is looked at again on every attempt."""

from collections.abc import Sequence
from ipaddress import ip_address

import httpx

from makersync.delivery.addresses import Network, is_permitted

LONGEST_URL = 2000
_SCHEMES = ("https", "http")


class UrlRefused(ValueError):
    """The URL breaks the rule named `rule`; `detail` says what is expected."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


def checked_url(text: str, opened: Sequence[Network]) -> str:
    """The URL in its normal form. `opened` are the networks that operators have opened, to which http may be used. Raises
    UrlRefused."""
    url = _parsed(text)
    if url.scheme not in _SCHEMES or (url.scheme == "http" and not opened):
        raise UrlRefused("webhook_scheme", "must begin with https://")
    if not url.host or url.userinfo or url.fragment or not 0 < (443 if url.port is None else url.port) < 65536:
        raise UrlRefused("webhook_url", "must name a host, and neither a user nor a fragment")
    if _is_address(url.host) and not is_permitted(url.host, opened, opened_only=url.scheme == "http"):
        raise UrlRefused("webhook_address", "must lead to a public address")
    return str(url)


def _parsed(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise UrlRefused("webhook_url", "must be an absolute URL such as https://example.org/hooks") from error


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
