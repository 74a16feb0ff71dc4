"""Credential definitions that are no longer awarded: what was earned stands, nothing new may name them."""

from dataclasses import dataclass
from datetime import datetime

from learners.domain.errors import RuleBroken
from learners.domain.values import line

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Retirement:
    """An operator's decision. `superseded_by` is the credential to name instead; None: there is none."""

    credential: str
    retired_at: datetime
    reason: str
    superseded_by: str | None = None


def retire(wanted: Retirement, successor: Retirement | None) -> Retirement:
    """`successor` is the retirement of the credential that supersedes, None unless that is retired too. Raises RuleBroken."""
    if wanted.superseded_by == wanted.credential:
        raise RuleBroken("superseded_by", "itself", "a credential cannot supersede itself")
    if successor is not None:
        raise RuleBroken("superseded_by", "retired", "is retired itself")
    return Retirement(wanted.credential, wanted.retired_at, line("reason", wanted.reason, REASON_LENGTH), wanted.superseded_by)


def demand_current(retirement: Retirement | None) -> None:
    """Raises RuleBroken for a credential that is retired."""
    if retirement is not None:
        instead = f"; name {retirement.superseded_by} instead" if retirement.superseded_by else ""
        raise RuleBroken("credential", "retired", f"is retired: nothing new may name it{instead}")
