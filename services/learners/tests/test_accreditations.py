"""Accreditations make awards verified; when they change, the evidence of recorded awards follows, batch by batch."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from learners.adapters.tables import RederivationRow
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.entrypoints.sweeps import EvidenceSweep
from makersync.clock import ManualClock
from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from reference.places import load_places

from .conftest import NOW, Caller, Published
from .following import entries_of
from .samples import BADGE, ISSUER, accepted, conflict, record, refused, register

OTHER_BADGE = "mssc:cpt"


class Register:
    """An operator who changes accreditations, and the periodic step that follows them."""

    def __init__(self, operator: Caller, context: Context) -> None:
        self._operator = operator
        units_of_work = LearnersUnitsOfWork(context.outbox, context.clock, load_places())
        self._follower = EvidenceSweep(context.store, units_of_work)

    async def grant(self, **changed: Any) -> str:
        wanted = {"provider_id": "prv_york", "issuer": ISSUER} | changed
        return str(accepted(await self._operator.post("/v1/accreditations", wanted))["accreditation_id"])

    async def end(self, accreditation_id: str, version: int = 1, **how: Any) -> None:
        body = how or None
        accepted(await self._operator.change("DELETE", f"/v1/accreditations/{accreditation_id}", version, body))

    async def follow(self) -> None:
        await self._follower.step()


@pytest.fixture
def register_(operator: Caller, context: Context) -> Register:
    return Register(operator, context)


async def evidence(caller: Caller, learner_id: str) -> list[str]:
    return [award["evidence"] for award in (await caller.get(f"/v1/learners/{learner_id}")).json()["awards"]]


async def test_an_award_of_an_accredited_provider_is_verified(york: Caller, lima: Caller, register_: Register) -> None:
    await register_.grant()
    mine, theirs = await register(york), await register(lima)
    await record(york, mine)
    await record(york, mine, credential=OTHER_BADGE)
    await record(lima, theirs)
    assert (await evidence(york, mine), await evidence(lima, theirs)) == (["verified", "attested"], ["attested"])


async def test_issuers_that_differ_in_case_alone_are_the_same(york: Caller, register_: Register) -> None:
    await register_.grant(issuer=ISSUER.upper())
    learner_id = await register(york)
    await record(york, learner_id)
    assert await evidence(york, learner_id) == ["verified"]


async def test_a_new_accreditation_verifies_what_was_recorded_before(
    york: Caller, lima: Caller, register_: Register, published: Published
) -> None:
    mine, theirs, without = await register(york), await register(lima), await register(york)
    await record(york, mine)
    await record(york, mine)
    await record(york, mine, credential=OTHER_BADGE)
    await record(lima, theirs)
    await register_.grant()
    before = len(await published.kinds())
    await register_.follow()
    assert await evidence(york, mine) == ["verified", "verified", "attested"]
    assert await evidence(lima, theirs) == ["attested"]
    [told] = (await published.events())[before:]
    assert (told.type, told.subject, told.version) == ("learners.AwardVerified", mine, 5)
    assert [each["evidence"] for each in told.data["awards"]] == ["verified", "verified", "attested"]
    assert (await york.get(f"/v1/learners/{without}")).json()["version"] == 1
    await register_.follow()
    assert len(await published.kinds()) == before + 1


async def test_an_accreditation_since_a_day_leaves_what_was_recorded_before(
    york: Caller, register_: Register, clock: ManualClock
) -> None:
    learner_id = await register(york)
    await record(york, learner_id)
    clock.move_to(NOW + timedelta(days=2))
    await register_.grant(since="2026-11-23")
    await record(york, learner_id)
    await register_.follow()
    assert await evidence(york, learner_id) == ["attested", "verified"]


async def test_awards_recorded_during_an_accreditation_stay_verified_when_it_ends(
    york: Caller, register_: Register, clock: ManualClock, published: Published
) -> None:
    accreditation_id = await register_.grant()
    learner_id = await register(york)
    held = await record(york, learner_id)
    clock.move_to(NOW + timedelta(hours=1))
    await register_.end(accreditation_id)
    await record(york, learner_id)
    await register_.follow()
    assert await evidence(york, learner_id) == ["verified", "attested"]
    renewal = f"/v1/learners/{learner_id}/awards/{held}/renewal"
    accepted(await york.change("POST", renewal, 3, {"expires_on": "2030-01-01"}))
    assert await evidence(york, learner_id) == ["attested", "attested"]
    assert (await published.kinds())[1:] == ["AwardRecorded", "AwardRecorded", "AwardRenewed"]


async def test_an_accreditation_that_ends_retroactively_never_counted(
    york: Caller, register_: Register, clock: ManualClock, published: Published
) -> None:
    accreditation_id = await register_.grant()
    learner_id = await register(york)
    await record(york, learner_id)
    clock.move_to(NOW + timedelta(hours=1))
    await register_.end(accreditation_id)
    await register_.end(accreditation_id, version=2, retroactive=True)
    await register_.follow()
    assert await evidence(york, learner_id) == ["attested"]
    assert (await published.kinds())[-1] == "AwardCorrected"


async def test_a_provider_is_told_when_the_evidence_of_an_award_changes(
    york: Caller, lima: Caller, register_: Register, numbering: Numbering
) -> None:
    learner_id = await register(york)
    first, second = await record(york, learner_id), await record(york, learner_id)
    await record(york, learner_id, credential=OTHER_BADGE)
    accreditation_id = await register_.grant()
    await register_.follow()
    await register_.end(accreditation_id, retroactive=True)
    await register_.follow()
    await numbering.number()
    entries = [each for each in await entries_of(york) if each["type"].startswith("award.")]
    assert [(each["type"], each["subject"], each["data"]["evidence"], each["data"]["version"]) for each in entries] == [
        ("award.verified", f"{learner_id}/{first}", "verified", 5),
        ("award.verified", f"{learner_id}/{second}", "verified", 5),
        ("award.unverified", f"{learner_id}/{first}", "attested", 6),
        ("award.unverified", f"{learner_id}/{second}", "attested", 6),
    ]
    assert await entries_of(lima) == []


async def test_another_accreditation_that_covers_an_award_keeps_it_verified(york: Caller, register_: Register) -> None:
    first = await register_.grant()
    await register_.grant()
    learner_id = await register(york)
    await record(york, learner_id)
    await register_.end(first, retroactive=True)
    await register_.follow()
    assert await evidence(york, learner_id) == ["verified"]


async def test_evidence_follows_in_batches_and_goes_on_after_a_crash(
    york: Caller, register_: Register, context: Context, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learners.application.rederiving.REDERIVED_AT_ONCE", 2)
    learners = [await register(york) for _ in range(5)]
    for learner_id in learners:
        await record(york, learner_id)
    await register_.grant()
    monkeypatch.setattr("learners.entrypoints.sweeps.BATCHES_A_STEP", 1)
    await register_.follow()
    assert sorted([(await evidence(york, each))[0] for each in learners]) == ["attested"] * 3 + ["verified"] * 2

    async def crash(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as crashing:
        crashing.setattr("learners.adapters.accreditation_repository.AccreditationRepository.advance", crash)
        with pytest.raises(RuntimeError):
            await register_.follow()
    for _ in range(3):
        await register_.follow()
    assert [await evidence(york, each) for each in learners] == [["verified"]] * 5
    assert (await published.kinds()).count("AwardVerified") == 5
    async with context.store.reading() as session:
        [row] = (await session.exec(select(RederivationRow))).all()
    assert (row.changed, row.done_at) == (5, NOW)


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"provider_id": "prv_none"}, "provider_id", "unknown"),
        ({"issuer": "Nobody"}, "issuer", "unknown"),
        ({"since": "2026-11-22", "until": "2026-11-22"}, "until", "not_after"),
        ({"since": 20261122}, "since", "date_format"),
    ],
)
async def test_an_accreditation_that_breaks_a_rule_is_refused(
    york: Caller, operator: Caller, changed: dict[str, Any], field: str, rule: str
) -> None:
    wanted = {"provider_id": "prv_york", "issuer": ISSUER} | changed
    assert refused(await operator.post("/v1/accreditations", wanted), 422) == [(field, rule)]
    assert (await operator.get("/v1/accreditations")).json()["items"] == []


async def test_an_accreditation_ends_once_and_at_the_version_that_was_read(
    york: Caller, lima: Caller, operator: Caller
) -> None:
    granted = await operator.post("/v1/accreditations", {"provider_id": "prv_york", "issuer": ISSUER})
    path = granted.headers["Location"]
    assert (await operator.change("DELETE", path, None)).status_code == 428
    assert (await operator.change("DELETE", path, 7)).status_code == 412
    ended = accepted(await operator.change("DELETE", path, 1))
    assert (ended["ended_at"], ended["retroactive"], ended["version"]) == ("2026-11-22T09:00:00Z", False, 2)
    assert conflict(await operator.change("DELETE", path, 2)) == "ended"
    assert ended.pop("warnings") == []
    assert (await operator.get(path)).json() == ended
    assert (await operator.get("/v1/accreditations", provider_id="prv_york", issuer=ISSUER)).json()["items"] == [ended]
    assert (await operator.get("/v1/accreditations", provider_id="prv_lima")).json()["items"] == []


async def test_only_operators_manage_accreditations(app: FastAPI, york: Caller) -> None:
    wanted = {"provider_id": "prv_york", "issuer": ISSUER}
    assert (await york.post("/v1/accreditations", wanted)).status_code == 403
    assert (await york.get("/v1/accreditations")).status_code == 403
    assert (await york.change("DELETE", "/v1/accreditations/acc_1", 1)).status_code == 403


async def test_accreditation_of_an_issuer_does_not_reach_other_issuers(york: Caller, register_: Register) -> None:
    learner_id = await register(york)
    await record(york, learner_id, credential=OTHER_BADGE)
    await record(york, learner_id, credential=BADGE)
    await register_.grant(issuer="Manufacturing Skill Standards Council")
    await register_.follow()
    assert await evidence(york, learner_id) == ["verified", "attested"]


async def test_what_is_recorded_while_an_accreditation_is_granted_ends_up_verified(york: Caller, register_: Register) -> None:
    learners = [await register(york) for _ in range(4)]
    await asyncio.gather(register_.grant(), *(record(york, each) for each in learners))
    await register_.follow()
    assert [await evidence(york, each) for each in learners] == [["verified"]] * 4


async def test_an_accreditation_that_another_one_outlives_is_pointed_out(york: Caller, operator: Caller) -> None:
    """Guards: an accreditation was granted twice by mistake, and ending one of them changed nothing."""
    wanted = {"provider_id": "prv_york", "issuer": ISSUER}
    first = accepted(await operator.post("/v1/accreditations", wanted))
    second = accepted(await operator.post("/v1/accreditations", wanted))
    path = f"/v1/accreditations/{second['accreditation_id']}"
    for told in (second, accepted(await operator.change("DELETE", path, 1))):
        [warning] = told["warnings"]
        assert (warning["field"], warning["rule"]) == ("issuer", "same_accreditation")
        assert first["accreditation_id"] in warning["detail"]
    last = accepted(await operator.change("DELETE", f"/v1/accreditations/{first['accreditation_id']}", 1))
    assert (first["warnings"], last["warnings"]) == ([], [])


async def test_the_reason_of_an_end_stays_on_record(york: Caller, operator: Caller) -> None:
    """Guards: nobody knows any more why a college lost the proof of its awards."""
    granted = await operator.post("/v1/accreditations", {"provider_id": "prv_york", "issuer": ISSUER})
    path = granted.headers["Location"]
    for wrong, rule in (("", "string_too_short"), ("two\nlines", "control_character"), (" ", "string_too_short")):
        assert refused(await operator.change("DELETE", path, 1, {"reason": wrong}), 422)[0] == ("reason", rule)
    ended = accepted(await operator.change("DELETE", path, 1, {"reason": "Withdrawn by the issuer."}))
    assert ended["reason"] == "Withdrawn by the issuer."
    assert accepted(await operator.change("DELETE", path, 2, {"retroactive": True}))["reason"] == "Withdrawn by the issuer."
    assert (await operator.get(path)).json()["reason"] == "Withdrawn by the issuer."
