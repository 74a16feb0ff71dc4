"""The health of a webhook: what an attempt does to it, when it is paused, and when it is disabled."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class WebhookState(StrEnum):
    """Active: messages are sent. Paused: one at a time now and then, to find out whether the receiver is back. Disabled: none
    until the organisation resumes it."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class HealthReason(StrEnum):
    """Why a webhook is paused or disabled. `failing`: one attempt after the other has failed. `gone`: the receiver has answered
    with 410. `suspended`: the organisation has suspended it."""

    FAILING = "failing"
    GONE = "gone"
    SUSPENDED = "suspended"


#: Failed attempts, one after the other, after which a webhook is paused.
BREAKS_AFTER = 10
#: Time from the first of them until the webhook is disabled, and the least that the notice comes before.
DISABLED_AFTER, NOTICED_BEFORE = timedelta(days=5), timedelta(days=1)
#: Between attempts at a paused webhook: doubling from the first to the second.
_FIRST_PROBE_S, _LONGEST_PROBE_S = 30.0, 300.0


@dataclass(frozen=True, slots=True)
class Health:
    """`failures` have come one after another since `failing_since`. `rest_s`: seconds for which nothing is to be sent."""

    state: WebhookState
    reason: HealthReason | None
    since: datetime
    failures: int = 0
    failing_since: datetime | None = None
    rest_s: float = 0.0


def after_success(health: Health, now: datetime) -> Health:
    """A receiver that answers is sent everything again. One that said that it is gone stays disabled."""
    if health.state is WebhookState.DISABLED:
        return replace(health, rest_s=0.0)
    since = health.since if health.state is WebhookState.ACTIVE else now
    return Health(WebhookState.ACTIVE, None, since)


def after_failure(health: Health, now: datetime, asked_s: float) -> Health:
    """`asked_s`: seconds that the receiver has asked to wait."""
    failing_since = health.failing_since or now
    failed = replace(health, failures=health.failures + 1, failing_since=failing_since, rest_s=asked_s)
    if failed.state is WebhookState.DISABLED or failed.failures < BREAKS_AFTER:
        return failed
    if failed.state is WebhookState.PAUSED and now >= disabled_at(failed.since, failing_since):
        return replace(failed, state=WebhookState.DISABLED, reason=HealthReason.FAILING, since=now)
    probe_s = min(_FIRST_PROBE_S * 2.0 ** min(failed.failures - BREAKS_AFTER, 10), _LONGEST_PROBE_S)
    since = failed.since if failed.state is WebhookState.PAUSED else now
    return replace(failed, state=WebhookState.PAUSED, reason=HealthReason.FAILING, since=since, rest_s=max(asked_s, probe_s))


def disabled_at(paused_since: datetime, failing_since: datetime) -> datetime:
    """When a paused webhook is disabled unless the receiver comes back."""
    return max(failing_since + DISABLED_AFTER, paused_since + NOTICED_BEFORE)


def after_gone(health: Health, now: datetime) -> Health:
    """The receiver does not want messages any more."""
    if health.reason is HealthReason.SUSPENDED:
        return health
    return replace(health, state=WebhookState.DISABLED, reason=HealthReason.GONE, since=now, rest_s=0.0)


def resumed(now: datetime) -> Health:
    """As the organisation wants it, whatever was before."""
    return Health(WebhookState.ACTIVE, None, now)


def suspended(now: datetime) -> Health:
    """As the organisation wants it too; no attempt changes it."""
    return Health(WebhookState.DISABLED, HealthReason.SUSPENDED, now)
