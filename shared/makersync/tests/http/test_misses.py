"""Whoever guesses tokens at addresses that need no API key is told to stop, and whoever has one is never refused."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request

from makersync.clock import ManualClock
from makersync.http.misses import MOST_ADDRESSES, MOST_MISSES, WINDOW_S, MissLimit
from makersync.http.problems import TooManyRequests

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def request_from(address: str) -> Request:
    return Request({"type": "http", "client": (address, 1), "headers": []})


def miss(limit: MissLimit, address: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(LookupError), limit.counting(request_from(address), LookupError):
            raise LookupError


def hit(limit: MissLimit, address: str) -> None:
    with limit.counting(request_from(address), LookupError):
        pass


async def test_an_address_that_missed_too_often_is_refused_further_misses_for_the_rest_of_the_window() -> None:
    """Guards: a token that is known is taken whatever others at the address have sent, such as all behind one proxy."""
    clock = ManualClock(NOW)
    limit = MissLimit(clock)
    miss(limit, "192.0.2.1", MOST_MISSES)
    clock.move_to(NOW + timedelta(seconds=WINDOW_S / 2))
    with pytest.raises(TooManyRequests) as refusal:
        miss(limit, "192.0.2.1")
    assert refusal.value.headers["Retry-After"] == str(round(WINDOW_S / 2))
    hit(limit, "192.0.2.1")
    miss(limit, "192.0.2.2")
    clock.move_to(NOW + timedelta(seconds=WINDOW_S))
    miss(limit, "192.0.2.1")


async def test_what_is_known_and_what_fails_otherwise_counts_nothing() -> None:
    limit = MissLimit(ManualClock(NOW))
    for _ in range(2 * MOST_MISSES):
        hit(limit, "192.0.2.1")
        with pytest.raises(ValueError, match="other"), limit.counting(request_from("192.0.2.1"), LookupError):
            raise ValueError("other")
    miss(limit, "192.0.2.1", MOST_MISSES)


async def test_misses_of_another_window_are_not_added() -> None:
    clock = ManualClock(NOW)
    limit = MissLimit(clock)
    miss(limit, "192.0.2.1", MOST_MISSES - 1)
    clock.move_to(NOW + timedelta(seconds=WINDOW_S))
    miss(limit, "192.0.2.1", MOST_MISSES - 1)


async def test_not_every_address_of_the_world_is_remembered() -> None:
    """Guards: the memory of a process is not for whoever has many addresses to fill."""
    limit = MissLimit(ManualClock(NOW))
    for number in range(MOST_ADDRESSES + 5):
        miss(limit, f"192.0.2.{number}")
    assert len(limit._misses) == MOST_ADDRESSES
