"""The catalog: seeded once, revised by operators, extended by what providers propose and operators approve."""

from typing import Any

import pytest
from sqlmodel import func, select

from contracts.topics import CATALOG
from learners.bootstrap import seed
from makersync.runtime.service import Context
from makersync.store.tables import OutboxRow

from .conftest import Caller, Published
from .samples import ISSUER, accepted, conflict, definition, refused

MILLING = "/v1/catalog/credentials/nims:cnc-milling-operator"
PROPOSALS = "/v1/catalog/proposals"


async def test_the_reference_catalog_is_published_once(context: Context, york: Caller) -> None:
    async def count() -> int:
        async with context.store.reading() as session:
            return (await session.exec(select(func.count(OutboxRow.id)).where(OutboxRow.topic == CATALOG.name))).one()  # type: ignore[arg-type]

    assert await count() == 54 + 82
    await seed(context)
    assert await count() == 54 + 82
    listed = (await york.get("/v1/catalog/credentials", limit=200)).json()["items"]
    competencies = (await york.get("/v1/catalog/competencies", limit=200)).json()["items"]
    assert (len(listed), len(competencies)) == (82, 54)
    only = (await york.get("/v1/catalog/credentials", issuer="manufacturing skill standards council")).json()["items"]
    assert {each["issuer"] for each in only} == {"Manufacturing Skill Standards Council"}


async def test_seeding_leaves_what_operators_revised(context: Context, operator: Caller, published: Published) -> None:
    revised = definition(name="Milling, revised", issuer=ISSUER)
    accepted(await operator.change("PUT", MILLING, 1, revised))
    await seed(context)
    assert (await operator.get(MILLING)).json()["name"] == "Milling, revised"
    assert await published.kinds() == ["CredentialRevised"]


async def test_operators_define_and_revise(operator: Caller, york: Caller, published: Published) -> None:
    path = "/v1/catalog/credentials/york:starter"
    made = await operator.send("PUT", path, json=definition())
    assert (made.status_code, made.headers["ETag"]) == (200, '"1"')
    assert (await york.get(path)).json() | {"warnings": []} == made.json()
    revised = accepted(await operator.change("PUT", path, 1, definition(training_weeks=4)))
    assert (revised["training_weeks"], revised["version"]) == (4, 2)
    same = await operator.change("PUT", path, 2, definition(training_weeks=4))
    assert same.headers["ETag"] == '"2"'
    first, second = await published.events(CATALOG.name)
    assert (first.type, second.type) == ("learners.CredentialDefined", "learners.CredentialRevised")
    assert (first.subject, first.partitionkey, second.version) == ("credential/york:starter", "catalog", 2)
    assert second.data == {k: v for k, v in revised.items() if k not in ("version", "warnings") and v is not None}


async def test_a_revision_needs_the_version_that_was_read(operator: Caller, published: Published) -> None:
    revised = definition(issuer=ISSUER)
    assert (await operator.change("PUT", MILLING, None, revised)).status_code == 428
    assert (await operator.change("PUT", MILLING, 9, revised)).status_code == 412
    assert (await operator.change("PUT", "/v1/catalog/credentials/york:new", 1, definition())).status_code == 412
    assert await published.kinds() == []


async def test_an_issuer_never_changes(operator: Caller, published: Published) -> None:
    assert refused(await operator.change("PUT", MILLING, 1, definition(issuer="Other")), 422) == [("issuer", "fixed")]
    assert await published.kinds() == []


async def test_operators_define_and_rename_competencies(operator: Caller, york: Caller, published: Published) -> None:
    path = "/v1/catalog/competencies/additive.metal"
    accepted(await operator.send("PUT", path, json={"name": "Metal additive"}))
    assert (await operator.change("PUT", path, None, {"name": "Other"})).status_code == 428
    renamed = accepted(await operator.change("PUT", path, 1, {"name": "Metal additive manufacturing"}))
    assert (await york.get(path)).json() | {"warnings": []} == renamed
    assert (await operator.change("PUT", path, 2, {"name": renamed["name"]})).headers["ETag"] == '"2"'
    assert [(event.subject, event.version) for event in await published.events()] == [
        ("competency/additive.metal", 1),
        ("competency/additive.metal", 2),
    ]
    assert refused(await operator.send("PUT", "/v1/catalog/competencies/Bad%20Id", json={"name": "x"}), 422)


async def test_providers_do_not_write_the_catalog(york: Caller) -> None:
    assert (await york.change("PUT", MILLING, 1, definition())).status_code == 403
    assert (await york.send("PUT", "/v1/catalog/competencies/x", json={"name": "x"})).status_code == 403


async def propose(caller: Caller, **changed: Any) -> str:
    answer = await caller.post(PROPOSALS, definition(**{"id": "york:starter"} | changed), Idempotency_Key="k")
    accepted(answer)
    return answer.headers["Location"]


async def test_a_proposal_is_published_only_when_approved(york: Caller, operator: Caller, published: Published) -> None:
    path = await propose(york)
    assert (await york.get(path)).json()["touches"] == []
    assert (await york.get("/v1/catalog/credentials/york:starter")).status_code == 404
    assert await published.kinds() == []
    assert accepted(await operator.change("POST", f"{path}/approval", 1, {}))["status"] == "approved"
    assert (await york.get("/v1/catalog/credentials/york:starter")).json()["version"] == 1
    assert await published.kinds() == ["CredentialDefined"]
    assert conflict(await operator.change("POST", f"{path}/approval", 2, {})) == "decided"
    assert conflict(await operator.change("POST", f"{path}/rejection", 2, {"reason": "late"})) == "decided"
    assert await published.kinds() == ["CredentialDefined"]


async def test_a_rejected_proposal_tells_its_provider_why(york: Caller, operator: Caller, published: Published) -> None:
    path = await propose(york)
    assert refused(await operator.change("POST", f"{path}/rejection", 1, {}), 422) == [("reason", "missing")]
    assert (await operator.change("POST", f"{path}/rejection", 3, {"reason": "x"})).status_code == 412
    accepted(await operator.change("POST", f"{path}/rejection", 1, {"reason": "Not assessed by anybody."}))
    read = (await york.get(path)).json()
    assert (read["status"], read["reason"]) == ("rejected", "Not assessed by anybody.")
    assert (await york.get(PROPOSALS, status="rejected")).json()["items"] == [
        {k: v for k, v in read.items() if k not in ("touches", "same_names")}
    ]
    assert (await york.get(PROPOSALS, status="pending")).json()["items"] == []
    assert await published.kinds() == []


@pytest.mark.parametrize(
    ("changed", "touch"),
    [
        ({"implies": ["mssc:cpt"]}, ("implies", "mssc:cpt")),
        ({"composed_of": ["mssc:cpt-safety"]}, ("composed_of", "mssc:cpt-safety")),
        ({"issuer": ISSUER}, ("issuer", None)),
        ({"issuer": ISSUER.lower()}, ("issuer", None)),
    ],
)
async def test_reaching_for_what_others_publish_must_be_accepted_expressly(
    york: Caller, operator: Caller, published: Published, changed: dict[str, Any], touch: tuple[str, str | None]
) -> None:
    path = await propose(york, **changed)
    [found] = (await operator.get(path)).json()["touches"]
    assert (found["field"], found["credential"]) == touch
    refusal = await operator.change("POST", f"{path}/approval", 1, {})
    assert refused(refusal, 422) == [("accept_foreign", "touches_foreign")]
    assert await published.kinds() == []
    accepted(await operator.change("POST", f"{path}/approval", 1, {"accept_foreign": True}))
    assert await published.kinds() == ["CredentialDefined"]


async def test_a_name_of_the_same_issuer_is_foreign_too_unless_the_provider_is_accredited(
    york: Caller, operator: Caller
) -> None:
    path = await propose(york, issuer=ISSUER, implies=["nims:cnc-milling-operator"])
    assert [each["field"] for each in (await operator.get(path)).json()["touches"]] == ["implies", "issuer"]
    accepted(await operator.post("/v1/accreditations", {"provider_id": "prv_york", "issuer": ISSUER}))
    assert (await operator.get(path)).json()["touches"] == []


async def test_building_on_ones_own_credentials_touches_nobody_else(york: Caller, operator: Caller) -> None:
    first = await propose(york)
    accepted(await operator.change("POST", f"{first}/approval", 1, {}))
    second = await york.post(PROPOSALS, definition(id="york:advanced", name="York Mill Advanced", implies=["york:starter"]))
    accepted(await operator.change("POST", f"{second.headers['Location']}/approval", 1, {}))


async def test_another_providers_name_is_foreign(york: Caller, lima: Caller, operator: Caller) -> None:
    accepted(await operator.change("POST", f"{await propose(york)}/approval", 1, {}))
    theirs = await lima.post(PROPOSALS, definition(id="lima:best", implies=["york:starter"]))
    touches = (await operator.get(theirs.headers["Location"])).json()["touches"]
    assert [(each["field"], each["credential"]) for each in touches] == [("implies", "york:starter"), ("issuer", None)]


async def test_only_one_of_two_proposals_of_one_id_can_be_approved(
    york: Caller, lima: Caller, operator: Caller, published: Published
) -> None:
    first, second = await propose(york), await propose(lima, issuer="Lima College")
    accepted(await operator.change("POST", f"{first}/approval", 1, {}))
    assert refused(await operator.change("POST", f"{second}/approval", 1, {}), 422) == [("id", "taken")]
    assert await published.kinds() == ["CredentialDefined"]


async def test_operators_see_every_proposal_and_providers_their_own(york: Caller, lima: Caller, operator: Caller) -> None:
    await propose(york)
    await propose(lima)
    assert len((await operator.get(PROPOSALS)).json()["items"]) == 2
    [own] = (await lima.get(PROPOSALS)).json()["items"]
    assert own["provider_id"] == "prv_lima"
    assert (await york.change("POST", f"{PROPOSALS}/{own['proposal_id']}/approval", 1, {})).status_code == 403
