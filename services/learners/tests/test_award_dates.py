"""The dates of awards against the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts.vocabulary import AwardStatus
from learners.domain import award as awards
from learners.domain.award import Award, AwardDates
from learners.domain.award_dates import check_new_dates, remarks_on, why_not_in_force
from learners.domain.errors import RuleBroken

from .conftest import Caller
from .samples import accepted, award, record, register

TODAY = date(2026, 11, 22)
ISSUED, EXPIRES = date(2026, 1, 10), date(2028, 1, 10)
ACTIVE = awards.record("awd_1", "x:y", AwardStatus.ACTIVE, AwardDates(ISSUED, EXPIRES), datetime(2026, 11, 22, tzinfo=UTC))
UNDER_WAY = replace(ACTIVE, status=AwardStatus.IN_PROGRESS, dates=AwardDates())


def dated(issued_on: date | None = ISSUED, expires_on: date | None = None, expected_on: date | None = None) -> Award:
    return replace(ACTIVE, dates=AwardDates(issued_on, expires_on, expected_on))


@pytest.mark.parametrize(
    ("award", "why_not"),
    [
        (ACTIVE, None),
        (dated(TODAY), None),
        (dated(date(2026, 11, 23)), "not_yet_issued"),
        (dated(None), "issue_unknown"),
        (dated(expires_on=date(2026, 11, 23)), None),
        (dated(expires_on=TODAY), "expired"),
        (awards.suspend(ACTIVE), "suspended"),
        (awards.revoke(ACTIVE), "revoked"),
        (UNDER_WAY, "in_progress"),
    ],
)
def test_an_award_says_whether_it_is_in_force_and_why_not(award: Award, why_not: str | None) -> None:
    assert why_not_in_force(award, TODAY) == why_not


@pytest.mark.parametrize(
    ("dates", "field", "rule"),
    [
        (AwardDates(date(1949, 12, 31)), "issued_on", "too_early"),
        (AwardDates(date(2026, 11, 23)), "issued_on", "future"),
        (AwardDates(expires_on=date(1900, 1, 1)), "expires_on", "too_early"),
        (AwardDates(ISSUED, date(2126, 1, 10)), "expires_on", "far_ahead"),
        (AwardDates(expected_on=date(2126, 1, 10)), "expected_on", "far_ahead"),
    ],
)
def test_an_impossible_date_is_refused_when_it_is_new_and_kept_when_unchanged(dates: AwardDates, field: str, rule: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_new_dates(dates, AwardDates(), TODAY)
    assert (broken.value.field, broken.value.rule) == (field, rule)
    check_new_dates(dates, dates, TODAY)


@pytest.mark.parametrize(
    ("award", "field", "rule"),
    [
        (dated(None), "issued_on", "issue_unknown"),
        (dated(expires_on=TODAY), "expires_on", "expired"),
        (dated(expires_on=date(2070, 1, 1)), "expires_on", "far_ahead"),
        (replace(UNDER_WAY, dates=AwardDates(expected_on=date(2026, 11, 1))), "expected_on", "overdue"),
        (replace(UNDER_WAY, dates=AwardDates(expected_on=date(2033, 11, 1))), "expected_on", "far_ahead"),
    ],
)
def test_an_odd_award_is_remarked_on(award: Award, field: str, rule: str) -> None:
    assert [(remark.field, remark.rule) for remark in remarks_on(award, [award], TODAY)] == [(field, rule)]


def test_the_same_award_twice_is_remarked_on_unless_the_other_is_revoked() -> None:
    twin = replace(ACTIVE, award_id="awd_2")
    assert [remark.rule for remark in remarks_on(twin, [ACTIVE, twin], TODAY)] == ["same_award"]
    others = (awards.revoke(ACTIVE), dated(date(2025, 1, 10)), UNDER_WAY, replace(ACTIVE, credential="x:z"))
    assert list(remarks_on(twin, [*others, twin], TODAY)) == []


async def test_answers_say_what_is_in_force_today(york: Caller) -> None:
    learner_id = await register(york)
    award_id = await record(york, learner_id)
    path = f"/v1/learners/{learner_id}"
    old = accepted(await york.post(f"{path}/awards", award(issued_on="2020-01-10", expires_on="2022-01-10")))
    assert (old["in_force"], old["not_in_force"], old["warnings"][0]["rule"]) == (False, "expired", "expired")
    suspended = accepted(await york.change("POST", f"{path}/awards/{award_id}/suspension", 3))
    assert [each["not_in_force"] for each in suspended["awards"]] == ["suspended", "expired"]
    reinstated = accepted(await york.change("POST", f"{path}/awards/{award_id}/reinstatement", 4))
    assert (reinstated["awards"][0]["in_force"], reinstated["awards"][0]["not_in_force"]) == (True, None)
    assert accepted(await york.get(path))["awards"][0]["in_force"] is True
