"""A repeated log line is written only now and then, with the number of those suppressed."""

import logging

import pytest

from makersync.log_rate_limit import EVERY_S, LogRateLimit, RateLimitFilter


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_the_first_line_is_written_at_once_and_then_one_every_half_minute(seconds: Seconds) -> None:
    rate_limit, written = LogRateLimit(seconds), 0
    for tick in range(900):
        seconds.now = tick / 10
        written += rate_limit.allows("publisher")
    assert written == 3
    assert rate_limit.take_suppressed("publisher") == 897


def test_another_subject_and_a_new_fault_are_logged_at_once(seconds: Seconds) -> None:
    rate_limit = LogRateLimit(seconds)
    assert [rate_limit.allows("away"), rate_limit.allows("away"), rate_limit.allows("no right")] == [True, False, True]
    rate_limit.reset()
    assert rate_limit.allows("away")


def lines(filter_: RateLimitFilter, name: str, level: int, count: int) -> list[str]:
    records = [logging.LogRecord(name, level, "", 0, "attempt %d failed", (n,), None) for n in range(count)]
    return [record.getMessage() for record in records if filter_.filter(record)]


def test_a_broker_outage_of_90_seconds_is_a_handful_of_lines_of_the_library(seconds: Seconds) -> None:
    filter_, written = RateLimitFilter("aiokafka", LogRateLimit(seconds)), []
    for tick in range(900):
        seconds.now = tick / 10
        for part in ("aiokafka", "aiokafka.consumer.fetcher", "aiokafka.producer.sender", "aiokafka.conn"):
            written += lines(filter_, part, logging.WARNING, 1)
    assert len(written) == 12
    assert written[4] == "attempt 0 failed (299 more lines of aiokafka were not written)"
    assert seconds.now < 3 * EVERY_S


def test_other_lines_are_all_written(seconds: Seconds) -> None:
    filter_ = RateLimitFilter("aiokafka", LogRateLimit(seconds))
    assert len(lines(filter_, "makersync.effects.consumer", logging.WARNING, 5)) == 5
    assert len(lines(filter_, "aiokafka.conn", logging.INFO, 5)) == 5
