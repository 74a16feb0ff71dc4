"""A provider records what its learners have earned; each change is a published version of the learner."""

import asyncio
from typing import Any

import pytest

from contracts.topics import LEARNER

from .conftest import Caller, Published
from .samples import BADGE, accepted, award, conflict, record, refused, register

COMPLETION = {"issued_on": "2026-11-01", "expires_on": "2028-11-01"}


async def test_a_recorded_award_is_published_with_the_whole_learner(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    answer = await york.post(f"{path}/awards", award(), Idempotency_Key="k")
    made = accepted(answer)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"2"')
    assert answer.headers["Location"] == f"{path}/awards/{made['award_id']}"
    assert (made["evidence"], made["status"], made["learner_version"]) == ("attested", "active", 2)
    again = await york.post(f"{path}/awards", award(), Idempotency_Key="k")
    assert again.json() == made
    [shown] = (await york.get(path)).json()["awards"]
    assert made == shown | {"warnings": [], "learner_id": path.rpartition("/")[2], "learner_version": 2}
    told = (await published.events(LEARNER.name))[-1]
    assert told.type == "learners.AwardRecorded"
    of_the_day = ("in_force", "not_in_force", "days_left")
    assert told.data["awards"] == [{k: v for k, v in shown.items() if v is not None and k not in of_the_day}]


async def test_no_end_is_derived_from_the_months_that_a_credential_is_valid(york: Caller) -> None:
    path = f"/v1/learners/{await register(york)}"
    made = accepted(await york.post(f"{path}/awards", {"credential": "aws:cwi", "issued_on": "2026-01-10"}))
    assert made["expires_on"] is None


async def test_an_award_goes_through_its_life(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    dates = {"issued_on": None, "expires_on": None, "expected_on": "2026-12-01"}
    award_path = f"{path}/awards/{await record(york, path.rpartition('/')[2], status='in_progress', **dates)}"
    steps: list[tuple[str, str, Any, str]] = [
        ("POST", "/completion", COMPLETION, "active"),
        ("POST", "/renewal", {"expires_on": "2030-11-01"}, "active"),
        ("POST", "/suspension", None, "suspended"),
        ("POST", "/reinstatement", None, "active"),
        ("PATCH", "", {"issued_on": "2026-10-31"}, "active"),
        ("POST", "/revocation", None, "revoked"),
    ]
    for version, (method, step, body, status) in enumerate(steps, start=2):
        answer = await york.change(method, award_path + step, version, body)
        [shown] = accepted(answer)["awards"]
        assert (shown["status"], answer.headers["ETag"]) == (status, f'"{version + 1}"')
    assert (shown["issued_on"], shown["expires_on"], shown["expected_on"]) == ("2026-10-31", "2030-11-01", None)
    assert accepted(await york.change("DELETE", award_path, 8))["awards"] == []
    assert await published.kinds() == [
        "LearnerRegistered",
        "AwardRecorded",
        "AwardRecorded",
        "AwardRenewed",
        "AwardSuspended",
        "AwardReinstated",
        "AwardCorrected",
        "AwardRevoked",
        "AwardRemoved",
    ]


@pytest.mark.parametrize(
    ("method", "step", "body"),
    [
        ("POST", "/completion", COMPLETION),
        ("POST", "/reinstatement", None),
        ("POST", "/renewal", {"expires_on": "2030-01-01"}),
        ("POST", "/suspension", None),
        ("POST", "/revocation", None),
        ("PATCH", "", {"issued_on": None}),
    ],
)
async def test_a_step_out_of_turn_conflicts_and_changes_nothing(
    york: Caller, published: Published, method: str, step: str, body: Any
) -> None:
    learner_id = await register(york)
    path = f"/v1/learners/{learner_id}/awards/{await record(york, learner_id)}"
    accepted(await york.change("POST", f"{path}/revocation", 2))
    assert conflict(await york.change(method, path + step, 3, body)) == "award_status"
    assert await published.kinds() == ["LearnerRegistered", "AwardRecorded", "AwardRevoked"]


async def test_a_stale_version_changes_no_award(york: Caller, published: Published) -> None:
    learner_id = await register(york)
    path = f"/v1/learners/{learner_id}/awards/{await record(york, learner_id)}"
    assert (await york.change("POST", f"{path}/suspension", 1)).status_code == 412
    assert (await york.change("POST", f"{path}/suspension", None)).status_code == 428
    assert await published.kinds() == ["LearnerRegistered", "AwardRecorded"]


async def test_a_renewal_that_is_not_later_is_refused(york: Caller, published: Published) -> None:
    learner_id = await register(york)
    path = f"/v1/learners/{learner_id}/awards/{await record(york, learner_id)}"
    for end in ("2028-01-10", "2020-01-01"):
        answer = await york.change("POST", f"{path}/renewal", 2, {"expires_on": end})
        assert refused(answer, 422) == [("expires_on", "not_after")]
    assert len(await published.kinds()) == 2


async def test_a_correction_that_changes_nothing_is_no_event(york: Caller, published: Published) -> None:
    learner_id = await register(york)
    path = f"/v1/learners/{learner_id}/awards/{await record(york, learner_id)}"
    same = await york.change("PATCH", path, 2, {"issued_on": award()["issued_on"]})
    assert (same.status_code, same.headers["ETag"]) == (200, '"2"')
    assert len(await published.kinds()) == 2


async def test_a_learner_may_have_several_awards_of_one_credential(york: Caller) -> None:
    learner_id = await register(york)
    await record(york, learner_id)
    again = accepted(await york.post(f"/v1/learners/{learner_id}/awards", award()))
    assert [(each["field"], each["rule"]) for each in again["warnings"]] == [("credential", "same_award")]
    shown = (await york.get(f"/v1/learners/{learner_id}")).json()["awards"]
    assert [each["credential"] for each in shown] == [BADGE, BADGE]


async def test_awards_recorded_at_once_are_all_kept(york: Caller, published: Published) -> None:
    path = f"/v1/learners/{await register(york)}"
    answers = await asyncio.gather(*(york.post(f"{path}/awards", award()) for _ in range(5)))
    assert sorted(accepted(answer)["learner_version"] for answer in answers) == [2, 3, 4, 5, 6]
    assert len((await york.get(path)).json()["awards"]) == 5
    assert [event.version for event in await published.events()] == [1, 2, 3, 4, 5, 6]
