"""A retired definition: what was earned stands, nothing new may name it."""

from .conftest import Caller, Published
from .samples import BADGE, accepted, award, cohort, record, refused, register

PATH = f"/v1/catalog/credentials/{BADGE}"
OTHER = "nims:cnc-milling-programming"


async def test_nothing_new_may_name_a_retired_credential(york: Caller, operator: Caller, published: Published) -> None:
    learner_id = await register(york)
    award_id = await record(york, learner_id)
    planned = accepted(await york.post("/v1/cohorts", cohort()))
    why = {"reason": "renamed by its issuer", "superseded_by": OTHER}
    retired = accepted(await operator.send("PUT", PATH + "/retirement", json=why))
    assert (retired["superseded_by"], retired["reason"]) == (OTHER, "renamed by its issuer")
    shown = accepted(await york.get(PATH))
    assert (shown["retirement"], shown["version"]) == (retired, 1)
    told = len(await published.kinds())

    wanted = await york.post(f"/v1/learners/{learner_id}/awards", award())
    assert refused(wanted, 422) == [("credential", "retired")]
    assert OTHER in wanted.json()["errors"][0]["detail"]
    assert refused(await york.post("/v1/cohorts", cohort()), 422) == [("credential", "retired")]
    assert len(await published.kinds()) == told

    path = f"/v1/learners/{learner_id}/awards/{award_id}"
    accepted(await york.change("POST", f"{path}/suspension", 2))
    newcomer = await register(york)
    accepted(await york.post(f"/v1/cohorts/{planned['cohort_id']}/enrolments", {"learner_id": newcomer}))

    assert (await operator.send("DELETE", PATH + "/retirement")).status_code == 204
    accepted(await york.post("/v1/cohorts", cohort()))
    assert accepted(await york.get(PATH))["retirement"] is None


async def test_a_retirement_keeps_its_rules(york: Caller, operator: Caller) -> None:
    async def retire(credential: str, superseded_by: str | None) -> list[tuple[str, str]]:
        body = {"reason": "renamed", "superseded_by": superseded_by}
        return refused(await operator.send("PUT", f"/v1/catalog/credentials/{credential}/retirement", json=body), 422)

    assert await retire(BADGE, BADGE) == [("superseded_by", "itself")]
    assert await retire(BADGE, "no:such") == [("superseded_by", "unknown")]
    accepted(await operator.send("PUT", PATH + "/retirement", json={"reason": "no longer offered"}))
    assert await retire(OTHER, BADGE) == [("superseded_by", "retired")]
    nothing = await operator.send("PUT", "/v1/catalog/credentials/no:such/retirement", json={"reason": "x"})
    assert nothing.status_code == 404
    assert (await operator.send("DELETE", f"/v1/catalog/credentials/{OTHER}/retirement")).status_code == 404
    assert (await york.send("PUT", PATH + "/retirement", json={"reason": "x"})).status_code == 403
