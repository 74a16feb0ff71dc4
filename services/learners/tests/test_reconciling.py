"""Cohorts, the catalog and a whole store after it was restored or lost."""

import pytest

from contracts.topics import CATALOG, COHORT, LEARNER
from learners.adapters.tables import ErasedLearnerRow
from learners.bootstrap import seed
from makersync.effects.divergence import Divergence
from makersync.effects.reconciling import Choice
from makersync.envelope import Event, encode, encode_sequence
from makersync.runtime.service import Context
from tests.servers.restoring import RestoredService, unreadable_event

from .conftest import Caller
from .samples import BADGE, YORK_REGION, accepted, cohort, record, register
from .samples import definition as proposed
from .test_learner_reconciling import erase, taken_back

BOTH = pytest.mark.parametrize("choice", list(Choice))
CONSENTS = {"consents_to_matching": True}


async def test_a_lost_store_recovers_everything_from_its_topics(
    york: Caller, lima: Caller, operator: Caller, restored: RestoredService
) -> None:
    definition = {"id": "york:mill", **proposed()}
    accepted(await operator.change("PUT", "/v1/catalog/credentials/york:mill", None, proposed()))
    learners = [await register(york, **CONSENTS), await register(lima, remote_ok=True), await register(york)]
    await record(york, learners[0])
    planned = accepted(await york.post("/v1/cohorts", cohort()))["cohort_id"]
    cancelled = accepted(await york.post("/v1/cohorts", cohort()))["cohort_id"]
    accepted(await york.change("DELETE", f"/v1/cohorts/{cancelled}", 1))
    await erase(york, learners[2])
    await restored.publish()
    cards = [(await york.get(f"/v1/learners/{learners[0]}")).json(), (await york.get(f"/v1/cohorts/{planned}")).json()]
    keys = {name: rows for name, rows in (await restored.dump()).items() if name == "api_key"}
    before = {topic.name: await restored.ends(topic) for topic in (LEARNER, CATALOG, COHORT)}
    await restored.restore(keys)
    report = await restored.reconcile(Choice.TAKE_LOG)
    assert (report.left, report.published) == ([], 0)
    assert await restored.differences() == []
    after = {topic.name: await restored.ends(topic) for topic in (LEARNER, CATALOG, COHORT)}
    assert after == before
    found = [(await york.get(f"/v1/learners/{learners[0]}")).json(), (await york.get(f"/v1/cohorts/{planned}")).json()]
    assert [{**each, "person": None} for each in found] == [{**each, "person": None} for each in cards]
    assert (await york.get("/v1/catalog/credentials/york:mill")).json()["name"] == definition["name"]
    async with restored.context.store.reading() as session:
        assert (await session.get(ErasedLearnerRow, learners[2])) is not None


@BOTH
async def test_a_cohort_goes_on_above_the_log(york: Caller, restored: RestoredService, choice: Choice) -> None:
    cohort_id = accepted(await york.post("/v1/cohorts", cohort()))["cohort_id"]
    await restored.publish()
    dump = await restored.dump()
    for version, seats in ((1, 20), (2, 30)):
        accepted(await york.change("PATCH", f"/v1/cohorts/{cohort_id}", version, {"seats": seats}))
    await taken_back(restored, dump)
    await restored.reconcile(choice)
    shown = (await york.get(f"/v1/cohorts/{cohort_id}")).json()
    assert (shown["seats"], shown["version"]) == ((30, 3) if choice is Choice.TAKE_LOG else (12, 4))
    accepted(await york.change("PATCH", f"/v1/cohorts/{cohort_id}", shown["version"], {"seats": 40}))
    assert await restored.differences() == []


async def test_a_foreign_version_above_a_definition_is_left_below(operator: Caller, restored: RestoredService) -> None:
    """Versions have 64 bits everywhere."""
    key = f"catalog/credential/{BADGE}"
    await restored.put(CATALOG, key, unreadable_event(CATALOG, key, 2**53))
    assert await restored.differences() == [(f"credential/{BADGE}", Divergence.FOREIGN.value)]
    await restored.reconcile(Choice.ABOVE)
    assert await restored.differences() == []
    end = (await restored.ends(CATALOG))[key]
    assert (end.version, end.type) == (2**53 + 1, "learners.CredentialRevised")
    assert (await operator.get(f"/v1/catalog/credentials/{BADGE}")).json()["version"] == 2**53 + 1


async def test_a_proposal_whose_definition_the_log_has_was_approved(
    york: Caller, operator: Caller, restored: RestoredService
) -> None:
    proposal = accepted(await york.post("/v1/catalog/proposals", {"id": "york:mill", **proposed()}))["proposal_id"]
    dump = await restored.dump()
    accepted(await operator.post(f"/v1/catalog/proposals/{proposal}/approval", {}, If_Match='"1"'))
    await taken_back(restored, dump)
    await restored.reconcile(Choice.TAKE_LOG)
    assert (await york.get(f"/v1/catalog/proposals/{proposal}")).json()["status"] == "approved"


async def test_another_provider_in_the_log_is_never_taken(york: Caller, restored: RestoredService) -> None:
    learner_id = await register(york, **CONSENTS)
    await restored.publish()
    [event] = [event for event in (await restored.ends(LEARNER)).values() if event.subject == learner_id]
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    stolen = Event(**fields | {"sequence": encode_sequence(9), "data": event.data | {"provider_id": "prv_lima"}})
    await restored.put(LEARNER, f"{YORK_REGION}/{learner_id}", encode(stolen))
    report = await restored.reconcile(Choice.TAKE_LOG)
    assert [case.subject for case, _ in report.left] == [learner_id]
    await restored.reconcile(Choice.ABOVE)
    [end] = [event for event in (await restored.ends(LEARNER)).values() if event.subject == learner_id]
    assert (end.version, end.data["provider_id"]) == (10, "prv_york")


async def test_a_lost_store_seeds_the_same_catalog_again(restored: RestoredService, context: Context) -> None:
    """Its start defines the catalog again, with other events of the same versions."""
    before = await restored.ends(CATALOG)
    await restored.restore({})
    await seed(context)
    differences = await restored.differences()
    assert {what for _, what in differences} == {Divergence.OTHER_EVENT.value} and len(differences) == len(before)
    assert (await restored.reconcile(Choice.ABOVE)).published == 0
    assert (await restored.ends(CATALOG), await restored.differences()) == (before, [])
