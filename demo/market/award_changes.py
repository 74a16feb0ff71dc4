"""What can happen to an award in the demo: which awards it can happen to, and what becomes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from demo.market.drafts import AwardDraft

_RENEWAL = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AwardChange:
    """Both functions are given an award and today's date."""

    fits: Callable[[AwardDraft, date], bool]
    changed: Callable[[AwardDraft, date], AwardDraft]


def _is_active(award: AwardDraft, _day: date) -> bool:
    return award.status == "active"


def _is_suspended(award: AwardDraft, _day: date) -> bool:
    return award.status == "suspended"


def _ends(award: AwardDraft, _day: date) -> bool:
    return award.status == "active" and award.expires_on is not None


def _in_force_before(award: AwardDraft, day: date) -> bool:
    begun = award.issued_on is not None and award.issued_on < day
    return award.status == "active" and begun and (award.expires_on is None or award.expires_on > day)


def _renewed(award: AwardDraft, day: date) -> AwardDraft:
    return replace(award, expires_on=max(award.expires_on or day, day) + _RENEWAL)


def _expiring(award: AwardDraft, day: date) -> AwardDraft:
    return replace(award, expires_on=day)


def _with_status(status: str) -> Callable[[AwardDraft, date], AwardDraft]:
    return lambda award, _day: replace(award, status=status)


AWARD_CHANGES: Mapping[str, AwardChange] = {
    "renew": AwardChange(_ends, _renewed),
    "suspend": AwardChange(_is_active, _with_status("suspended")),
    "reinstate": AwardChange(_is_suspended, _with_status("active")),
    "revoke": AwardChange(_is_active, _with_status("revoked")),
    "expire": AwardChange(_in_force_before, _expiring),
}
