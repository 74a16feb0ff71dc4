"""Where the links lead that pages and commands hand out."""

import pytest
from fastapi import Request

from makersync.pages.page_address import page_address
from makersync.settings import Settings


def sent(origin: str = "", host: str = "jobs.example") -> Request:
    """A form, as it arrives from a proxy that has ended TLS."""
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/x", "query_string": b"", "headers": headers}
    return Request(scope | {"server": ("10.0.0.1", 8101), "root_path": ""})


def test_a_link_leads_to_what_the_operators_have_set() -> None:
    settings = Settings(public_address="https://set.example/")
    assert page_address(settings, sent("https://jobs.example")) == page_address(settings) == "https://set.example"


@pytest.mark.parametrize(
    ("origin", "leads_to"),
    [
        ("https://jobs.example", "https://jobs.example"),
        ("https://evil.example", "http://jobs.example"),
        ("null", "http://jobs.example"),
        ("", "http://jobs.example"),
    ],
)
def test_a_link_leads_to_where_the_browser_is(origin: str, leads_to: str) -> None:
    """Guards: behind a proxy that ends TLS, the request says http, and an invitation would be sent without encryption."""
    assert page_address(Settings(), sent(origin)) == leads_to


def test_a_command_names_where_the_process_listens() -> None:
    assert page_address(Settings(http_host="127.0.0.1", http_port=8101)) == "http://127.0.0.1:8101"
