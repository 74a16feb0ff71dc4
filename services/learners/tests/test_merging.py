"""Two records of one person are merged: nothing that proves anything is lost, nobody is counted twice or matched unasked."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlmodel import select

from contracts.topics import LEARNER
from learners.adapters.tables import AwardRow, PersonTermRow
from makersync.runtime.service import Context

from .conftest import Caller, Published
from .events import Feed, match
from .introducing import act, asked, candidate, hired
from .samples import accepted, award, cohort, conflict, erase, record, refused, register

WHO = {"name": "Ada Byron", "email": "ada@example.org"}


async def one(caller: Caller, learner_id: str) -> dict[str, Any]:
    return accepted(await caller.get(f"/v1/learners/{learner_id}"))


async def merge(
    caller: Caller, stays: str, goes: str, version: int | None = None, of_other: int | None = None
) -> httpx.Response:
    """At the versions as they are, unless others are given."""
    version = version or (await one(caller, stays))["version"]
    of_other = of_other or (await one(caller, goes))["version"]
    return await caller.change("POST", f"/v1/learners/{stays}/merges", version, {"learner_id": goes, "version": of_other})


async def test_the_one_who_stays_gets_what_the_other_had(york: Caller, published: Published) -> None:
    stays = await register(york, person=WHO, consents_to_matching=True, seeking=False)
    goes = await register(
        york, person={"name": "A. Byron", "phone": "717 555 0100", "email": "ab@example.org"}, consents_to_matching=True
    )
    first, second = await record(york, stays), await record(york, goes)
    third = await record(york, goes, issued_on="2026-01-02")
    made = accepted(await merge(york, stays, goes))
    assert sorted(each["award_id"] for each in made["awards"]) == sorted([first, second, third])
    assert (made["consents_to_matching"], made["seeking"]) == (True, False)
    assert (await one(york, stays))["person"] == WHO | {"phone": "717 555 0100", "student_number": None}
    revised, erased = (await published.events(LEARNER.name))[-2:]
    assert (revised.type, revised.subject, len(revised.data["awards"])) == ("learners.LearnerRevised", stays, 3)
    assert (erased.type, erased.subject) == ("learners.LearnerErased", goes)
    assert [each["learner_id"] for each in accepted(await york.get("/v1/learners"))["items"]] == [stays]


async def test_the_address_of_the_one_who_went_names_the_one_who_stays(york: Caller, lima: Caller) -> None:
    a, b, c = [await register(york) for _ in range(3)]
    accepted(await merge(york, b, a))
    accepted(await merge(york, c, b))
    for gone in (a, b):
        answer = await york.get(f"/v1/learners/{gone}")
        assert (answer.status_code, answer.json()["rule"]) == (410, "merged") and c in answer.json()["detail"]
        assert (await lima.get(f"/v1/learners/{gone}")).status_code == 404
    await erase(york, c)
    assert (await york.get(f"/v1/learners/{a}")).status_code == 404


@pytest.mark.parametrize("consents", [(True, False), (False, True)])
async def test_whoever_has_not_agreed_in_both_records_is_not_matched(york: Caller, consents: tuple[bool, bool]) -> None:
    stays, goes = [await register(york, consents_to_matching=each) for each in consents]
    assert not accepted(await merge(york, stays, goes))["consents_to_matching"]


async def test_who_is_enrolled_twice_has_one_seat_afterwards(york: Caller) -> None:
    path = accepted(await york.post("/v1/cohorts", cohort(enrolled=0)))
    place = f"/v1/cohorts/{path['cohort_id']}"
    stays, goes = await register(york), await register(york)
    for each in (stays, goes):
        accepted(await york.post(f"{place}/enrolments", {"learner_id": each}))
    assert len(accepted(await merge(york, stays, goes))["awards"]) == 1
    assert accepted(await york.get(place))["enrolled"] == 1
    assert [each["learner_id"] for each in accepted(await york.get(f"{place}/enrolments"))["items"]] == [stays]


async def test_a_seat_of_the_one_who_goes_alone_is_kept(york: Caller) -> None:
    place = f"/v1/cohorts/{accepted(await york.post('/v1/cohorts', cohort(enrolled=0)))['cohort_id']}"
    stays, goes = await register(york), await register(york)
    accepted(await york.post(f"{place}/enrolments", {"learner_id": goes}))
    assert [each["status"] for each in accepted(await merge(york, stays, goes))["awards"]] == ["in_progress"]
    assert accepted(await york.get(place))["enrolled"] == 1


async def test_an_open_introduction_of_the_one_who_goes_is_ended_first(york: Caller, feed: Feed) -> None:
    stays, goes = await candidate(york), await candidate(york)
    await feed.batch(asked(goes))
    assert conflict(await merge(york, stays, goes)) == "open_introduction"
    accepted(await act(york, "accept"))
    await feed.batch(hired(goes, 3))
    assert conflict(await merge(york, stays, goes)) == "open_introduction"
    assert (await one(york, goes))["learner_id"] == goes
    accepted(await merge(york, goes, stays))


async def test_matches_of_the_one_who_went_are_kept_no_longer(york: Caller, feed: Feed) -> None:
    stays, goes = await candidate(york), await candidate(york)
    await feed.batch(match("MatchProposed", 1, goes))
    accepted(await merge(york, stays, goes))
    await feed.batch(match("MatchRevised", 2, goes))
    assert accepted(await york.get(f"/v1/learners/{stays}/matches"))["items"] == []


async def test_what_cannot_be_merged_is_refused_and_changes_nothing(york: Caller, lima: Caller, published: Published) -> None:
    mine, other, foreign = await register(york), await register(york), await register(lima)
    told = len(await published.kinds())
    assert refused(await merge(york, mine, mine), 422) == [("learner_id", "same_learner")]
    assert refused(await merge(york, mine, foreign, of_other=1), 422) == [("learner_id", "unknown")]
    assert (await merge(york, foreign, mine, version=1)).status_code == 404
    assert (await merge(york, mine, other, version=9)).status_code == 412
    assert (await merge(york, mine, other, of_other=9)).status_code == 412
    assert (
        await york.change("POST", f"/v1/learners/{mine}/merges", None, {"learner_id": other, "version": 1})
    ).status_code == 428
    assert len(await published.kinds()) == told
    await erase(york, other)
    assert refused(await merge(york, mine, other, of_other=1), 422) == [("learner_id", "unknown")]


async def test_more_awards_than_one_learner_may_have_are_not_merged(york: Caller) -> None:
    stays, goes = await register(york), await register(york)
    for each in (stays, goes):
        for day in range(101):
            accepted(
                await york.change(
                    "POST", f"/v1/learners/{each}/awards", day + 1, award(issued_on=f"2025-0{1 + day // 28}-{1 + day % 28:02}")
                )
            )
    assert refused(await merge(york, stays, goes), 422) == [("learner_id", "too_many")]


async def test_the_same_merge_again_has_no_effect(york: Caller, published: Published) -> None:
    stays, goes = await register(york), await register(york)
    made = accepted(await merge(york, stays, goes))
    told = await published.kinds()
    assert accepted(await merge(york, stays, goes, version=1, of_other=1)) == made
    assert await published.kinds() == told


async def test_two_merges_into_each_other_at_once_leave_one_of_them(york: Caller) -> None:
    a, b = await register(york), await register(york)
    both = await asyncio.gather(merge(york, a, b, 1, 1), merge(york, b, a, 1, 1))
    assert sorted(answer.status_code for answer in both) in ([200, 410], [200, 404])
    assert len(accepted(await york.get("/v1/learners"))["items"]) == 1


async def test_whoever_is_erased_takes_along_what_came_from_the_other(york: Caller, context: Context) -> None:
    stays, goes = await register(york), await register(york)
    await record(york, goes)
    accepted(await merge(york, stays, goes))
    await erase(york, stays)
    async with context.store.reading() as session:
        assert (await session.exec(select(AwardRow))).all() == []
        assert (await session.exec(select(PersonTermRow))).all() == []
