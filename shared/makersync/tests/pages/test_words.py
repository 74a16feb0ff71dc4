"""How values are written on pages."""

from datetime import timedelta

import pytest

from makersync.pages.words import lasting, mailto


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


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=8), "8 hours"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=10), "10 minutes"),
    ],
)
def test_a_time_reads_in_the_largest_unit_of_which_it_is_a_whole_number(value: timedelta, reads: str) -> None:
    """Guards: a page that says how long something is of use, and rounds it."""
    assert lasting(value) == reads
