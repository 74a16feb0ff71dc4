"""When deliveries are attempted, and what failures do to a webhook."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from makersync.delivery.health import (
    BREAKS_AFTER,
    DISABLED_AFTER,
    Health,
    WebhookState,
    after_failure,
    after_gone,
    after_success,
)
from makersync.delivery.schedule import JITTER, asked_wait, next_gap

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HEALTHY = Health(WebhookState.ACTIVE, None, NOW)
H = 3600


def test_the_schedule_is_that_of_standard_webhooks_with_jitter() -> None:
    random = Random(1)
    expected = [0, 5, 300, 1800, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H]
    gaps = [next_gap(attempts, random) for attempts in range(len(expected))]
    assert all(gap is not None and base <= gap <= base * (1 + JITTER) for gap, base in zip(gaps, expected, strict=True))
    assert next_gap(len(expected), random) is None
    assert len({next_gap(2, random) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "120", 120),
        (503, "7", 7),
        (503, "Sun, 22 Nov 2026 09:31:00 GMT", 60),
        (429, "Sun, 22 Nov 2026 09:00:00 GMT", 0),
        (500, "120", 0),
        (429, "soon", 0),
        (429, "-5", 0),
        (429, "", 0),
        (429, "9" * 400, 24 * H),
        (503, "Fri, 31 Dec 9999 23:59:59 GMT", 24 * H),
    ],
)
def test_retry_after_is_heeded_within_bounds(status: int, header: str, seconds: float) -> None:
    assert asked_wait(status, {"retry-after": header}, NOW) == seconds


def failed(health: Health, times: int, at: datetime = NOW) -> Health:
    for _ in range(times):
        health = after_failure(health, at, 0.0)
    return health


def test_a_webhook_is_paused_after_so_many_failures_and_works_again_after_one_success() -> None:
    assert failed(HEALTHY, BREAKS_AFTER - 1).state is WebhookState.ACTIVE
    paused = failed(HEALTHY, BREAKS_AFTER)
    assert (paused.state, paused.rest_s) == (WebhookState.PAUSED, 30.0)
    assert [failed(HEALTHY, BREAKS_AFTER + more).rest_s for more in (1, 2, 3, 4, 900)] == [60, 120, 240, 300, 300]
    assert after_success(paused, NOW) == HEALTHY
    assert failed(after_success(failed(HEALTHY, BREAKS_AFTER - 1), NOW), 1).failures == 1


def test_a_webhook_that_has_failed_for_five_days_is_disabled_and_was_paused_before() -> None:
    paused = failed(HEALTHY, BREAKS_AFTER)
    assert failed(paused, 1, NOW + DISABLED_AFTER - timedelta(seconds=1)).state is WebhookState.PAUSED
    disabled = failed(paused, 1, NOW + DISABLED_AFTER)
    assert (disabled.state, disabled.reason) == (WebhookState.DISABLED, "failing")
    assert after_success(disabled, NOW).state is WebhookState.DISABLED
    rare = failed(failed(HEALTHY, BREAKS_AFTER - 1), 1, NOW + DISABLED_AFTER * 2)
    assert rare.state is WebhookState.PAUSED, "nobody is disabled without a notice before"


def test_a_receiver_that_is_gone_disables_its_webhook_at_once() -> None:
    gone = after_gone(HEALTHY, NOW)
    assert (gone.state, gone.reason) == (WebhookState.DISABLED, "gone")
