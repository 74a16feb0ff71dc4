"""A provider enrols its learners in its cohorts: a seat taken is an award in progress, in one transaction."""

import asyncio
from collections import Counter
from datetime import date, timedelta

import httpx

from contracts.topics import COHORT, LEARNER
from makersync.clock import ManualClock

from .conftest import NOW, Caller, Published
from .samples import BADGE, accepted, award, cohort, conflict, record, refused, register

AT_ONCE = 5
EARNED = {"issued_on": "2026-11-20"}


async def plan(caller: Caller, **changed: object) -> str:
    """The path of a new cohort."""
    return (await caller.post("/v1/cohorts", cohort(**{"enrolled": 0} | changed))).headers["Location"]


async def enrol(caller: Caller, path: str, learner_id: str) -> httpx.Response:
    return await caller.post(f"{path}/enrolments", {"learner_id": learner_id})


async def enrolled(caller: Caller, path: str) -> int:
    return int(accepted(await caller.get(path))["enrolled"])


async def awards_of(caller: Caller, learner_id: str) -> list[tuple[str, str | None]]:
    return [(each["status"], each["expected_on"]) for each in (await caller.get(f"/v1/learners/{learner_id}")).json()["awards"]]


async def test_an_enrolled_learner_works_towards_the_credential_and_takes_a_seat(york: Caller, published: Published) -> None:
    path, learner_id = await plan(york), await register(york)
    answer = await york.post(f"{path}/enrolments", {"learner_id": learner_id}, Idempotency_Key="k")
    again = await york.post(f"{path}/enrolments", {"learner_id": learner_id}, Idempotency_Key="k")
    made = accepted(answer)
    assert again.json() == made
    assert (made["status"], made["credential"], made["expected_on"]) == ("in_progress", BADGE, "2027-03-26")
    assert (made["cohort_id"], made["learner_version"]) == (path.rpartition("/")[2], 2)
    assert answer.headers["Location"] == f"/v1/learners/{learner_id}/awards/{made['award_id']}"
    assert (await york.get(path)).json()["enrolled"] == 1
    [listed] = (await york.get(f"{path}/enrolments")).json()["items"]
    assert listed == {name: value for name, value in made.items() if name not in ("learner_version", "warnings")}
    assert await published.kinds() == ["CohortPlanned", "LearnerRegistered", "AwardRecorded", "CohortRevised"]
    assert (await published.events(COHORT.name))[-1].data["enrolled"] == 1
    [told] = (await published.events(LEARNER.name))[-1].data["awards"]
    assert (told["status"], told["expected_on"]) == ("in_progress", "2027-03-26")


async def test_a_withdrawn_learner_leaves_the_seat_open(york: Caller, published: Published) -> None:
    path, learner_id = await plan(york), await register(york)
    accepted(await enrol(york, path, learner_id))
    one = f"{path}/enrolments/{learner_id}"
    assert (await york.change("DELETE", one, 1)).status_code == 412
    assert (await york.change("DELETE", one, None)).status_code == 428
    left = await york.change("DELETE", one, 2)
    assert (accepted(left)["enrolled"], left.headers["ETag"]) == (0, '"3"')
    assert await awards_of(york, learner_id) == []
    assert (await published.kinds())[-2:] == ["AwardRemoved", "CohortRevised"]
    assert (await york.change("DELETE", one, 3)).status_code == 404
    accepted(await enrol(york, path, learner_id))


async def test_an_earned_award_keeps_the_seat_and_cannot_be_withdrawn(york: Caller) -> None:
    path, learner_id = await plan(york), await register(york)
    award_id = accepted(await enrol(york, path, learner_id))["award_id"]
    earned = f"/v1/learners/{learner_id}/awards/{award_id}/completion"
    [shown] = accepted(await york.change("POST", earned, 2, EARNED))["awards"]
    assert (shown["status"], shown["cohort_id"]) == ("active", path.rpartition("/")[2])
    assert conflict(await york.change("DELETE", f"{path}/enrolments/{learner_id}", 2)) == "completed"
    assert await enrolled(york, path) == 1


async def test_enrolment_is_refused_with_the_rule_that_stands_in_the_way(
    york: Caller, lima: Caller, clock: ManualClock
) -> None:
    learner_id, busy, holder = [await register(york) for _ in range(3)]
    await record(york, busy, status="in_progress", issued_on=None, expires_on=None)
    await record(york, holder)
    open_, full = await plan(york), await plan(york, seats=1, enrolled=1)
    foreign = await register(lima)
    refusals = {
        (open_, busy): [("learner_id", "in_progress")],
        (open_, holder): [("learner_id", "held")],
        (open_, foreign): [("learner_id", "unknown")],
        (open_, "lrn_none"): [("learner_id", "unknown")],
        (full, learner_id): [("cohort_id", "full")],
    }
    for (path, who), told in refusals.items():
        assert refused(await enrol(york, path, who), 422) == told
    theirs = await plan(lima)
    assert (await enrol(york, theirs, learner_id)).status_code == 404
    assert (await york.get(f"{theirs}/enrolments")).status_code == 404
    clock.move_to(NOW + (date(2027, 3, 26) - NOW.date()))
    assert refused(await enrol(york, open_, learner_id), 422) == [("cohort_id", "ended")]
    accepted(await york.change("DELETE", open_, 1))
    assert conflict(await enrol(york, open_, learner_id)) == "cancelled"
    assert [await enrolled(york, path) for path in (open_, full)] == [0, 1]


async def test_an_expired_credential_may_be_earned_again(york: Caller) -> None:
    path, learner_id = await plan(york), await register(york)
    accepted(await york.post(f"/v1/learners/{learner_id}/awards", award(issued_on="2020-01-10", expires_on="2022-01-10")))
    accepted(await enrol(york, path, learner_id))


async def test_a_new_end_date_moves_every_award_in_progress(york: Caller, published: Published) -> None:
    path, learner_id, done = await plan(york), await register(york), await register(york)
    accepted(await enrol(york, path, learner_id))
    award_id = accepted(await enrol(york, path, done))["award_id"]
    accepted(await york.change("POST", f"/v1/learners/{done}/awards/{award_id}/completion", 2, EARNED))
    before = len(await published.kinds())
    accepted(await york.change("PATCH", path, 3, {"ends_on": "2027-05-07"}))
    assert await awards_of(york, learner_id) == [("in_progress", "2027-05-07")]
    assert await awards_of(york, done) == [("active", None)]
    assert (await published.kinds())[before:] == ["CohortRevised", "AwardCorrected"]


async def test_enrolled_cannot_go_below_the_learners_enrolled_here(york: Caller) -> None:
    path = await plan(york, enrolled=3)
    accepted(await enrol(york, path, await register(york)))
    assert await enrolled(york, path) == 4
    assert refused(await york.change("PATCH", path, 2, {"enrolled": 0}), 422) == [("enrolled", "below_attending")]
    assert accepted(await york.change("PATCH", path, 2, {"enrolled": 1}))["enrolled"] == 1


async def test_a_cancelled_cohort_leaves_nothing_in_progress(york: Caller, published: Published) -> None:
    path, learner_id, done = await plan(york, enrolled=2), await register(york), await register(york)
    accepted(await enrol(york, path, learner_id))
    award_id = accepted(await enrol(york, path, done))["award_id"]
    accepted(await york.change("POST", f"/v1/learners/{done}/awards/{award_id}/completion", 2, EARNED))
    assert accepted(await york.change("DELETE", path, 3))["enrolled"] == 3
    assert await awards_of(york, learner_id) == []
    assert await awards_of(york, done) == [("active", None)]
    assert (await published.kinds())[-2:] == ["CohortCancelled", "AwardRemoved"]
    accepted(await york.change("DELETE", f"/v1/learners/{done}/awards/{award_id}", 3))
    assert (await published.kinds())[-1] == "AwardRemoved"


async def test_a_removed_award_and_an_erased_learner_free_their_seats(york: Caller, published: Published) -> None:
    path, learner_id, other = await plan(york), await register(york), await register(york)
    award_id = accepted(await enrol(york, path, learner_id))["award_id"]
    answer = await york.post(f"{path}/enrolments", {"learner_id": other}, Idempotency_Key="k")
    assert await enrolled(york, path) == 2
    accepted(await york.change("DELETE", f"/v1/learners/{learner_id}/awards/{award_id}", 2))
    assert await enrolled(york, path) == 1
    assert (await york.change("DELETE", f"/v1/learners/{other}", 2)).status_code == 204
    assert await enrolled(york, path) == 0
    assert (await published.kinds())[-2:] == ["LearnerErased", "CohortRevised"]
    assert (await york.get(f"{path}/enrolments")).json()["items"] == []
    late = await york.post(f"{path}/enrolments", {"learner_id": other}, Idempotency_Key="k")
    assert answer.status_code == 201
    assert late.status_code == 422


async def test_a_cohort_that_has_ended_changes_nothing_by_itself(
    york: Caller, clock: ManualClock, published: Published
) -> None:
    path, learner_id = await plan(york), await register(york)
    award_id = accepted(await enrol(york, path, learner_id))["award_id"]
    told = await published.kinds()
    clock.move_to(NOW + timedelta(days=200))
    assert await awards_of(york, learner_id) == [("in_progress", "2027-03-26")]
    assert await published.kinds() == told
    earned = f"/v1/learners/{learner_id}/awards/{award_id}/completion"
    accepted(await york.change("POST", earned, 2, {"issued_on": "2027-04-01"}))
    assert (await published.kinds())[-1] == "AwardRecorded"


async def test_concurrent_enrolments_fill_the_last_seats_and_no_more(york: Caller, published: Published) -> None:
    path = await plan(york, seats=2)
    learners = [await register(york) for _ in range(AT_ONCE)]
    answers = await asyncio.gather(*(enrol(york, path, learner_id) for learner_id in learners))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 422: AT_ONCE - 2}
    assert await enrolled(york, path) == 2
    assert [event.version for event in await published.events(COHORT.name)] == [1, 2, 3]


async def test_a_learner_who_is_enrolled_many_times_at_once_takes_one_seat(york: Caller) -> None:
    path, learner_id = await plan(york), await register(york)
    answers = await asyncio.gather(*(enrol(york, path, learner_id) for _ in range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: AT_ONCE - 1}
    assert await enrolled(york, path) == 1


async def test_a_cohort_cancelled_during_enrolments_is_left_empty(york: Caller) -> None:
    """Enrolments, erasures and a cancellation happen at once: whatever their order, no seat and no award is left over."""
    path = await plan(york)
    learners = [await register(york) for _ in range(2 * AT_ONCE)]
    for learner_id in learners[:AT_ONCE]:
        accepted(await enrol(york, path, learner_id))
    late = [enrol(york, path, learner_id) for learner_id in learners[AT_ONCE:]]
    gone = [york.send("DELETE", f"/v1/learners/{learner_id}", headers={"If-Match": "*"}) for learner_id in learners[:2]]

    async def cancel() -> None:
        while (await york.send("DELETE", path, headers={"If-Match": "*"})).status_code == 412:
            await asyncio.sleep(0)

    answers = await asyncio.gather(*gone, *late, cancel())
    assert all(answer is None or answer.status_code in (201, 204, 409) for answer in answers)
    assert await enrolled(york, path) == 0
    assert (await york.get(f"{path}/enrolments")).json()["items"] == []
    assert [await awards_of(york, learner_id) for learner_id in learners[2:]] == [[]] * (2 * AT_ONCE - 2)


async def test_cancelling_and_removing_at_once_do_not_wait_for_each_other(york: Caller) -> None:
    learner_id, paths = await register(york), [await plan(york), await plan(york, credential="mssc:cpt")]
    for path in paths:
        accepted(await enrol(york, path, learner_id))
    changes = [york.send("DELETE", path, headers={"If-Match": "*"}) for path in paths]
    answers = await asyncio.gather(*changes)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await awards_of(york, learner_id) == []
