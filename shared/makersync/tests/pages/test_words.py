"""How values are written on pages."""

import pytest

from makersync.pages.words import mailto


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("ada@example.org", "mailto:ada@example.org"),
        ("a?bcc=evil@example.org", "mailto:a%3Fbcc%3Devil@example.org"),
        ("o'b&c@example.org", "mailto:o%27b%26c@example.org"),
    ],
)
def test_an_address_adds_no_fields_to_the_mail(address: str, url: str) -> None:
    assert mailto(address) == url
