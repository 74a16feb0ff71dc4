"""Awards on pages: recorded, renewed, suspended, reinstated, revoked and removed."""

import re
from typing import Any

import httpx

from services.learners.tests.conftest import Caller
from services.learners.tests.samples import BADGE, accepted, record, register
from tests.visiting.browser import Browser


async def award_of(york: Caller, learner_id: str) -> dict[str, Any]:
    [award] = accepted(await york.get(f"/v1/learners/{learner_id}"))["awards"]
    return dict(award)


async def act(instructor: Browser, path: str, step: str, **fields: str) -> httpx.Response:
    """Send a form of the page as it is now."""
    page = await instructor.open(path)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None, "the page has no form"
    return await instructor.send(f"{path}/{step}", version=version[1], **fields)


async def test_an_award_is_recorded_renewed_suspended_reinstated_and_revoked(instructor: Browser, york: Caller) -> None:
    learner_id = await register(york)
    form = f"/learners/{learner_id}/awards/new"
    assert "CNC" in (await instructor.open(form)).text
    fields = {"credential": BADGE, "status": "active", "issued_on": "2026-01-10", "expires_on": "2027-01-10"}
    assert (await instructor.send(form, **fields)).headers["location"] == f"/learners/{learner_id}"
    path = f"/learners/{learner_id}/awards/{(await award_of(york, learner_id))['award_id']}"
    assert (await act(instructor, path, "renewal", expires_on="2029-01-10")).status_code == 303
    assert (await award_of(york, learner_id))["expires_on"] == "2029-01-10"
    for step, status in (("suspension", "suspended"), ("reinstatement", "active"), ("revocation", "revoked")):
        assert (await act(instructor, path, step, meant="yes")).status_code == 303
        assert (await award_of(york, learner_id))["status"] == status
    page = (await instructor.open(path)).text
    assert "revoked" in page and "Renew" not in page and "Remove" in page
    assert (await act(instructor, path, "removal")).status_code == 303
    assert accepted(await york.get(f"/v1/learners/{learner_id}"))["awards"] == []


async def test_an_award_is_revoked_only_by_somebody_who_says_that_it_is_meant(instructor: Browser, york: Caller) -> None:
    learner_id = await register(york)
    await record(york, learner_id)
    path = f"/learners/{learner_id}/awards/{(await award_of(york, learner_id))['award_id']}"
    page = (await instructor.open(path)).text
    assert "matches with jobs that require it end" in page and "cannot be undone" in page
    answer = await act(instructor, path, "revocation")
    assert answer.status_code == 422 and 'id="meant-error"' in answer.text and "tick this to revoke the award" in answer.text
    assert (await award_of(york, learner_id))["status"] == "active"


async def test_what_is_in_progress_is_earned_and_its_dates_corrected(instructor: Browser, york: Caller) -> None:
    learner_id = await register(york)
    await record(york, learner_id, status="in_progress", issued_on=None, expires_on=None, expected_on="2027-03-01")
    path = f"/learners/{learner_id}/awards/{(await award_of(york, learner_id))['award_id']}"
    assert (await act(instructor, path, "completion", issued_on="2026-11-20")).status_code == 303
    assert (await award_of(york, learner_id))["in_force"]
    assert (await act(instructor, path, "correction", issued_on="2026-11-19", expires_on="2028-11-19")).status_code == 303
    award = await award_of(york, learner_id)
    assert (award["issued_on"], award["expires_on"]) == ("2026-11-19", "2028-11-19")


async def test_impossible_dates_stand_beside_their_field(instructor: Browser, york: Caller) -> None:
    learner_id = await register(york)
    form = f"/learners/{learner_id}/awards/new"
    await instructor.open(form)
    answer = await instructor.send(form, credential=BADGE, status="active", issued_on="2099-01-01")
    assert answer.status_code == 422 and 'id="issued_on-error"' in answer.text and "2099-01-01" in answer.text
    answer = await instructor.send(form, credential="", status="active")
    assert answer.status_code == 422 and 'id="credential-error"' in answer.text
    await record(york, learner_id)
    path = f"/learners/{learner_id}/awards/{(await award_of(york, learner_id))['award_id']}"
    answer = await act(instructor, path, "renewal", expires_on="2026-12-01")
    assert answer.status_code == 422 and 'id="expires_on-error"' in answer.text and "2026-12-01" in answer.text


async def test_an_award_that_was_changed_meanwhile_is_not_changed_unseen(instructor: Browser, york: Caller) -> None:
    learner_id = await register(york)
    await record(york, learner_id)
    path = f"/learners/{learner_id}/awards/{(await award_of(york, learner_id))['award_id']}"
    await instructor.open(path)
    answer = await instructor.send(f"{path}/revocation", version="1", meant="yes")
    assert answer.status_code == 412 and "The current version is 2" in answer.text
    assert (await award_of(york, learner_id))["status"] == "active"
