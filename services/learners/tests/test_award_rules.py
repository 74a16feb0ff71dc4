"""What can happen to an award, and when it counts as verified."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.vocabulary import AwardStatus, Evidence
from learners.domain import award as awards
from learners.domain.accreditation import Accreditation, derive, end, grant
from learners.domain.award import Award, AwardDates
from learners.domain.errors import NotPossible, RuleBroken
from makersync.clock import ManualClock

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ISSUED, EXPIRES = date(2026, 1, 10), date(2028, 1, 10)
ACTIVE = awards.record("awd_1", "x:y", AwardStatus.ACTIVE, AwardDates(ISSUED, EXPIRES), NOW)
IN_PROGRESS = awards.record("awd_1", "x:y", AwardStatus.IN_PROGRESS, AwardDates(expected_on=EXPIRES), NOW)
SUSPENDED, REVOKED = awards.suspend(ACTIVE), awards.revoke(ACTIVE)
ACCREDITATION = Accreditation("acc_1", "prv_1", "Issuer")


@pytest.mark.parametrize(
    ("status", "dates", "field", "rule"),
    [
        (AwardStatus.ACTIVE, AwardDates(ISSUED, ISSUED), "expires_on", "not_after"),
        (AwardStatus.ACTIVE, AwardDates(EXPIRES, ISSUED), "expires_on", "not_after"),
        (AwardStatus.ACTIVE, AwardDates(ISSUED, expected_on=EXPIRES), "expected_on", "only_in_progress"),
        (AwardStatus.IN_PROGRESS, AwardDates(ISSUED), "issued_on", "not_in_progress"),
        (AwardStatus.IN_PROGRESS, AwardDates(expires_on=EXPIRES), "expires_on", "not_in_progress"),
        (AwardStatus.SUSPENDED, AwardDates(ISSUED), "status", "not_at_first"),
        (AwardStatus.REVOKED, AwardDates(ISSUED), "status", "not_at_first"),
    ],
)
def test_a_new_award_keeps_the_rules(status: AwardStatus, dates: AwardDates, field: str, rule: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        awards.record("awd_1", "x:y", status, dates, NOW)
    assert (broken.value.field, broken.value.rule) == (field, rule)


@pytest.mark.parametrize(
    "dates", [AwardDates(), AwardDates(ISSUED), AwardDates(expires_on=EXPIRES), AwardDates(date(2030, 1, 1))]
)
def test_unknown_dates_and_a_day_to_come_are_allowed(dates: AwardDates) -> None:
    assert awards.record("awd_1", "x:y", AwardStatus.ACTIVE, dates, NOW).dates == dates


def test_a_renewal_gives_a_later_end() -> None:
    assert awards.renew(ACTIVE, date(2030, 1, 10), LATER).dates == AwardDates(ISSUED, date(2030, 1, 10))
    for end_day in (EXPIRES, date(2027, 1, 1)):
        with pytest.raises(RuleBroken, match="present expires_on"):
            awards.renew(ACTIVE, end_day, LATER)


def test_what_was_in_progress_is_completed_once() -> None:
    done = awards.complete(IN_PROGRESS, ISSUED, None, LATER)
    assert (done.status, done.dates, done.vouched_at) == (AwardStatus.ACTIVE, AwardDates(ISSUED), LATER)
    with pytest.raises(RuleBroken):
        awards.complete(IN_PROGRESS, EXPIRES, ISSUED, LATER)
    with pytest.raises(NotPossible):
        awards.complete(done, ISSUED, None, LATER)


def test_a_suspended_award_is_reinstated() -> None:
    assert awards.reinstate(SUSPENDED, LATER) == replace(ACTIVE, vouched_at=LATER)


@pytest.mark.parametrize(
    ("award", "step"),
    [
        (IN_PROGRESS, lambda a: awards.renew(a, date(2031, 1, 1), NOW)),
        (SUSPENDED, lambda a: awards.renew(a, date(2031, 1, 1), NOW)),
        (REVOKED, lambda a: awards.renew(a, date(2031, 1, 1), NOW)),
        (IN_PROGRESS, awards.suspend),
        (SUSPENDED, awards.suspend),
        (REVOKED, awards.suspend),
        (ACTIVE, lambda a: awards.reinstate(a, NOW)),
        (REVOKED, lambda a: awards.reinstate(a, NOW)),
        (IN_PROGRESS, awards.revoke),
        (REVOKED, awards.revoke),
        (ACTIVE, lambda a: awards.complete(a, ISSUED, None, NOW)),
        (REVOKED, lambda a: awards.correct(a, AwardDates(), NOW)),
    ],
)
def test_a_step_that_the_status_does_not_allow_is_refused(award: Award, step: Callable[[Award], Award]) -> None:
    with pytest.raises(NotPossible):
        step(award)


def test_a_correction_keeps_the_rules_of_the_status() -> None:
    assert awards.correct(SUSPENDED, AwardDates(), LATER).dates == AwardDates()
    with pytest.raises(RuleBroken):
        awards.correct(IN_PROGRESS, AwardDates(ISSUED), LATER)


@pytest.mark.parametrize(
    ("accreditation", "verified"),
    [
        (ACCREDITATION, True),
        (replace(ACCREDITATION, since=NOW.date()), True),
        (replace(ACCREDITATION, since=NOW.date() + timedelta(1)), False),
        (replace(ACCREDITATION, until=NOW.date()), False),
        (replace(ACCREDITATION, until=NOW.date() + timedelta(1)), True),
        (replace(ACCREDITATION, ended_at=NOW), False),
        (replace(ACCREDITATION, ended_at=LATER), True),
        (replace(ACCREDITATION, ended_at=LATER, retroactive=True), False),
    ],
)
def test_an_award_is_verified_when_an_accreditation_covered_the_moment_it_was_vouched_for(
    accreditation: Accreditation, verified: bool
) -> None:
    expected = Evidence.VERIFIED if verified else Evidence.ATTESTED
    assert derive(ACTIVE, [accreditation], datetime.date).evidence is expected
    assert derive(ACTIVE, [], datetime.date).evidence is Evidence.ATTESTED


@pytest.mark.parametrize(("zone", "verified"), [("America/New_York", False), ("UTC", True), ("Asia/Kathmandu", True)])
def test_an_accreditation_covers_calendar_dates_of_the_deployments_zone(zone: str, verified: bool) -> None:
    """In New York it is still the day before, at three in the morning UTC."""
    early = replace(ACTIVE, vouched_at=datetime(2026, 11, 22, 3, tzinfo=UTC))
    accreditation = replace(ACCREDITATION, since=date(2026, 11, 22))
    derived = derive(early, [accreditation], ManualClock(NOW, ZoneInfo(zone)).date_of)
    assert (derived.evidence is Evidence.VERIFIED) == verified


def test_an_ended_accreditation_can_only_be_made_retroactive() -> None:
    ended = end(ACCREDITATION, NOW, retroactive=False)
    with pytest.raises(NotPossible):
        end(ended, LATER, retroactive=False)
    undone = end(ended, LATER, retroactive=True)
    assert (undone.ended_at, undone.retroactive, undone.version) == (NOW, True, 3)
    with pytest.raises(NotPossible):
        end(undone, LATER, retroactive=True)


def test_an_accreditation_ends_after_it_begins() -> None:
    with pytest.raises(RuleBroken):
        grant(replace(ACCREDITATION, since=NOW.date(), until=NOW.date()), NOW.date())


@pytest.mark.parametrize("days", [{"since": date(1026, 1, 1)}, {"since": date(9026, 1, 1)}, {"until": date(9999, 12, 31)}])
def test_a_mistyped_year_of_an_accreditation_is_refused(days: dict[str, date]) -> None:
    with pytest.raises(RuleBroken, match="1950-01-01"):
        grant(replace(ACCREDITATION, **days), NOW.date())
