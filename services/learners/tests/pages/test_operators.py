"""What operators do in the learners service on pages: proposals are decided about, and providers' people reach none of it."""

from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from services.learners.tests.conftest import Caller
from services.learners.tests.samples import definition
from tests.visiting.browser import Browser

from .conftest import joined


async def proposed(caller: Caller, **changed: object) -> str:
    """The path of a proposal's page."""
    answer = await caller.post("/v1/catalog/proposals", definition(**{"id": "york:starter"} | changed), Idempotency_Key="k")
    return str(answer.headers["Location"]).removeprefix("/v1/catalog")


async def test_a_proposal_is_approved_on_its_page_and_not_twice(wiring: Wiring, browser: Browser, york: Caller) -> None:
    path = await proposed(york)
    operator = await joined(wiring, browser, address="op@platform.example", role="operator", whose=OPERATORS)
    assert path in (await operator.open("/proposals")).text
    assert (await operator.open(path)).status_code == 200
    late = await operator.send(f"{path}/approve", version="7")
    assert late.status_code in (409, 412) and "pending" in late.text
    approved = await operator.send(f"{path}/approve", version="1")
    assert (approved.status_code, approved.headers["location"]) == (303, path)
    assert "approved" in (await operator.open(path)).text
    assert path not in (await operator.open("/proposals")).text
    assert (await york.get("/v1/catalog/credentials/york:starter")).status_code == 200


async def test_a_proposal_is_rejected_with_a_reason_alone(wiring: Wiring, browser: Browser, york: Caller) -> None:
    path = await proposed(york)
    operator = await joined(wiring, browser, address="op@platform.example", role="operator", whose=OPERATORS)
    await operator.open(path)
    assert (await operator.send(f"{path}/reject", version="1", reason=" ")).status_code == 422
    assert (await operator.send(f"{path}/reject", version="1", reason="Not assessed.")).status_code == 303
    assert (await york.get(f"/v1/catalog{path}")).json()["reason"] == "Not assessed."


async def test_a_provider_decides_about_nothing(wiring: Wiring, browser: Browser, york: Caller) -> None:
    """Guards: a provider would approve its own proposal."""
    path = await proposed(york)
    admin = await joined(wiring, browser, role="admin")
    for page in ("/proposals", path, "/organisations", "/organisations/prv_york", "/operations", "/dead-letters"):
        assert (await admin.open(page)).status_code == 403, page
    await admin.open("/learners")
    assert (await admin.send(f"{path}/approve", version="1")).status_code == 403
    assert (await york.get(f"/v1/catalog{path}")).json()["status"] == "pending"
