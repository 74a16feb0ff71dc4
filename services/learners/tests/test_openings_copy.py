"""What a provider is told of the jobs behind its learners' matches: the openings' public parts, as this service read them."""

from typing import Any

from makersync.effects.consumer_port import KnownSubject
from makersync.feed.numbering import Numbering
from tests.exported_files import csv_rows

from .conftest import Caller
from .events import REGION, Feed, match, opening
from .following import entries_of, snapshot_of
from .samples import register

TERMS: dict[str, Any] = {"wage_min": 2500, "wage_max": 3100, "start_by": "2027-01-04", "closes_on": "2026-12-18"}
JOB: dict[str, Any] = {"title": "Mill operator", "employer_name": "York Gears", "place": "York, PA", **TERMS}


async def shown_job(caller: Caller, learner_id: str) -> Any:
    [shown] = (await caller.get(f"/v1/learners/{learner_id}/matches")).json()["items"]
    return shown["opening"]


async def test_a_match_shows_the_job_with_employer_place_pay_and_dates(york: Caller, feed: Feed) -> None:
    ada = await register(york)
    await feed.batch(opening(1, employer_name="York Gears", shifts=["day"], **TERMS))
    await feed.batch(match("MatchProposed", 1, ada))
    assert await shown_job(york, ada) == JOB | {
        "opening_id": "opn_1",
        "region": REGION,
        "region_name": "York-Hanover, PA",
        "zip": "17401",
        "remote": False,
        "shifts": ["day"],
        "remaining": 2,
        "status": "open",
        "version": 1,
    }


async def test_a_match_is_shown_before_its_opening_is_read(york: Caller, feed: Feed, numbering: Numbering) -> None:
    """Guards: topics are read apart, so a match can come first, and after an upgrade the openings are read again."""
    ada = await register(york)
    await feed.batch(match("MatchProposed", 1, ada))
    assert await shown_job(york, ada) is None
    await feed.batch(opening(1))
    assert (await shown_job(york, ada))["title"] == "Mill operator"
    await numbering.number()
    [entry] = await entries_of(york)
    assert "opening" not in entry["data"]


async def test_an_opening_from_before_employers_were_named_has_no_name(york: Caller, feed: Feed, numbering: Numbering) -> None:
    ada = await register(york)
    await feed.batch(opening(1, zip=None, remote=True, region="remote"))
    await feed.batch(match("MatchProposed", 1, ada))
    job = await shown_job(york, ada)
    assert (job["employer_name"], job["place"], job["region_name"]) == (None, "Remote", "Remote")
    await numbering.number()
    [entry] = await entries_of(york)
    assert entry["data"]["opening"] == {"title": "Mill operator", "place": "Remote"}


async def test_only_a_newer_version_of_an_opening_counts(york: Caller, feed: Feed) -> None:
    """Guards: a late copy of an earlier version would show a job as it was."""
    ada = await register(york)
    await feed.batch(match("MatchProposed", 1, ada))
    await feed.batch(opening(1, title="First"), opening(3, title="Third", status="closed"), opening(2, title="Second"))
    await feed.batch(opening(2, title="Second"), opening(3, title="Again"))
    job = await shown_job(york, ada)
    assert (job["title"], job["status"], job["version"]) == ("Third", "closed", 3)


async def test_a_place_that_the_reference_data_does_not_have_is_shown_by_its_codes(york: Caller, feed: Feed) -> None:
    """Guards: another release of the openings service may know ZIP codes and regions that this one does not."""
    ada = await register(york)
    await feed.batch(opening(1, zip="00000", region="99999"))
    await feed.batch(match("MatchProposed", 1, ada))
    job = await shown_job(york, ada)
    assert (job["place"], job["zip"], job["region_name"]) == (None, "00000", "99999")


async def test_entries_and_snapshot_of_the_feed_name_the_job(york: Caller, feed: Feed, numbering: Numbering) -> None:
    ada = await register(york)
    await feed.batch(opening(1, employer_name="York Gears", **TERMS))
    await feed.batch(match("MatchProposed", 1, ada))
    snapshot = await snapshot_of(york)
    await feed.batch(match("MatchWithdrawn", 2, ada, reason="opening_closed"))
    await numbering.number()
    assert [entry["data"]["opening"] for entry in await entries_of(york)] == [JOB, JOB]
    assert snapshot[f"{ada}/opn_1"]["opening"] == JOB


async def test_the_file_of_matches_has_ones_own_live_ones_with_the_jobs(york: Caller, lima: Caller, feed: Feed) -> None:
    ada, bob = await register(york), await register(lima)
    await feed.batch(opening(1, employer_name="York Gears", **TERMS))
    await feed.batch(
        match("MatchProposed", 1, ada),
        match("MatchProposed", 1, ada, "opn_unread"),
        match("MatchWithdrawn", 1, ada, "opn_ended"),
        match("MatchProposed", 1, bob, provider_id="prv_lima"),
    )
    rows = csv_rows(await york.get("/v1/exports/matches"))
    assert [(row["learner_id"], row["opening_id"], row["score"]) for row in rows] == [
        (ada, "opn_1", "8200"),
        (ada, "opn_unread", "8200"),
    ]
    assert (rows[0]["title"], rows[0]["employer"], rows[0]["place"]) == ("Mill operator", "York Gears", "York, PA")
    assert (rows[0]["wage_min"], rows[0]["wage_max"], rows[0]["closes_on"]) == ("2500", "3100", "2026-12-18")
    assert (rows[1]["title"], rows[1]["employer"], rows[1]["wage_min"]) == ("", "", "")
    assert [row["learner_id"] for row in csv_rows(await lima.get("/v1/exports/matches"))] == [bob]


async def test_the_employer_that_an_event_names_is_checked(feed: Feed) -> None:
    """Guards: an event that gave an opening to another employer would show a job under a name that is not its own."""
    await feed.batch(opening(2))
    known = await feed.known(opening(3, employer_id="emp_other"), opening(1, "opn_new"))
    assert list(known) == [KnownSubject(2, {"employer_id": "emp_york"}), KnownSubject(0, {})]
