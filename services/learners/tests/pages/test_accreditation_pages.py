"""Operators see who may vouch for which issuer, grant an accreditation and end one; providers' people reach none of it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.wiring import Wiring
from makersync.members.offer import OPERATORS
from makersync.store.tables import AuditRow
from services.learners.tests.conftest import NOW
from services.learners.tests.conftest import Caller as KeyHolder
from services.learners.tests.samples import ISSUER, accepted, record, register
from tests.visiting.browser import Browser

from .accrediting import OF_ISSUER, accredited
from .conftest import joined

WANTED = {"provider_id": "prv_york", "issuer": ISSUER}
ENDED = {"version": "1", "retroactive": "no", "reason": "Withdrawn by the issuer.", "meant": "yes"}


@pytest.fixture
async def visitor(wiring: Wiring, browser: Browser, york: KeyHolder, lima: KeyHolder) -> Browser:
    """An operator's browser, on the form."""
    operator = await joined(wiring, browser, address="op@platform.example", role="operator", whose=OPERATORS)
    await operator.open("/accreditations/new")
    return operator


async def granted(visitor: Browser, **changed: str) -> str:
    """The path of the new accreditation's page."""
    answer = await visitor.send("/accreditations/new", **WANTED | changed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def audited(wiring: Wiring, action: str) -> list[tuple[str, dict[str, str]]]:
    async with wiring.store.reading() as session:
        rows = (await session.exec(select(AuditRow).where(AuditRow.action == action))).all()
    return [(row.subject, row.detail) for row in rows]


async def test_a_provider_is_accredited_on_a_page_and_its_next_award_is_verified(
    visitor: Browser, wiring: Wiring, york: KeyHolder
) -> None:
    assert "No provider is accredited yet" in (await visitor.open("/accreditations")).text
    path = await granted(visitor, since="2026-11-01", until="2027-11-01")
    page = (await visitor.open(path)).text
    for said in ("in force", ISSUER, "1 Nov 2026", "1 Nov 2027", "nims:cnc-milling-operator"):
        assert said in page, said
    assert path in (await visitor.open("/accreditations")).text
    [(subject, detail)] = await audited(wiring, "accreditation_granted")
    assert path.endswith(subject) and detail == WANTED
    learner_id = await register(york)
    await record(york, learner_id)
    assert (await york.get(f"/v1/learners/{learner_id}")).json()["awards"][0]["evidence"] == "verified"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("provider_id", ""),
        ("provider_id", "prv_nobody"),
        ("issuer", ""),
        ("issuer", "Guild of <b>nobody"),
        ("since", "2026-02-31"),
        ("since", "1900-01-01"),
        ("until", "2026-10-01"),
    ],
)
async def test_what_was_typed_stays_and_the_problem_stands_beside_its_field(visitor: Browser, name: str, value: str) -> None:
    """Guards: one wrong day, and everything is to be chosen again."""
    sent = WANTED | {"since": "2026-11-01", "until": "2027-11-01", name: value}
    answer = await visitor.send("/accreditations/new", **sent)
    assert answer.status_code == 422 and f'id="{name}-error"' in answer.text, answer.text
    assert answer.text.count(" selected>") == 2 and "Guild of <b>" not in answer.text
    for day in (sent["since"], sent["until"]):
        assert f'value="{day}"' in answer.text
    assert "No provider is accredited yet" in (await visitor.open("/accreditations")).text


async def test_the_list_is_filtered_by_provider_and_by_issuer(visitor: Browser) -> None:
    york, lima = await granted(visitor), await granted(visitor, provider_id="prv_lima", issuer="SME")
    for query, shown, hidden in (
        ("provider_id=prv_york", york, lima),
        (OF_ISSUER.lower(), york, lima),
        ("issuer=SME&provider_id=prv_lima", lima, york),
    ):
        page = (await visitor.open(f"/accreditations?{query}")).text
        assert shown in page and hidden not in page, query
    assert "No accreditation matches" in (await visitor.open("/accreditations?issuer=SME&provider_id=prv_york")).text


@pytest.mark.parametrize("name", ["provider_id", "issuer"])
async def test_a_filter_that_names_nothing_is_pointed_out_and_kept(visitor: Browser, name: str) -> None:
    """Guards: a mistyped name looks like a provider without accreditations."""
    path = await granted(visitor)
    answer = await visitor.open(f"/accreditations?{name}=<b>nobody")
    assert answer.status_code == 422 and f'id="{name}-error"' in answer.text
    assert 'value="&lt;b&gt;nobody" selected' in answer.text and path not in answer.text


async def test_more_than_a_page_has_are_on_the_next_one(visitor: Browser, wiring: Wiring) -> None:
    paths = [await granted(visitor, issuer="SME") for _ in range(51)]
    first = (await visitor.open("/accreditations?issuer=SME")).text
    assert paths[49] in first and paths[50] not in first
    further = first.rpartition('<a href="/accreditations?')[2].partition('"')[0].replace("&amp;", "&")
    assert paths[50] in (await visitor.open(f"/accreditations?{further}")).text


async def test_one_that_ends_keeps_what_it_verified_and_says_why(
    visitor: Browser, wiring: Wiring, york: KeyHolder, clock: ManualClock
) -> None:
    path = await granted(visitor)
    learner_id = await register(york)
    await record(york, learner_id)
    clock.move_to(NOW + timedelta(minutes=5))
    asked = (await visitor.open(f"{path}/end")).text
    assert "They stay verified" in asked and "It should never have counted" in asked
    assert (await visitor.send(f"{path}/end", **ENDED)).headers["location"] == path
    page = (await visitor.open(path)).text
    assert "ended" in page and "Withdrawn by the issuer." in page
    [(_, detail)] = await audited(wiring, "accreditation_ended")
    assert detail == WANTED | {"reason": "Withdrawn by the issuer."}
    assert (await york.get(f"/v1/learners/{learner_id}")).json()["awards"][0]["evidence"] == "verified"
    await record(york, learner_id)
    assert [each["evidence"] for each in (await york.get(f"/v1/learners/{learner_id}")).json()["awards"]][1] == "attested"


async def test_one_that_has_ended_can_still_be_taken_back_once(visitor: Browser, wiring: Wiring, operator: KeyHolder) -> None:
    path = await granted(visitor)
    await visitor.open(f"{path}/end")
    await visitor.send(f"{path}/end", **ENDED)
    assert "should never have counted" in (await visitor.open(f"{path}/end")).text
    again = await visitor.send(f"{path}/end", **ENDED | {"version": "2"})
    assert again.status_code == 409 and "ended already" in again.text
    taken_back = ENDED | {"version": "2", "retroactive": "yes", "reason": "A forged approval."}
    assert (await visitor.send(f"{path}/end", **taken_back)).status_code == 303
    assert "never counted" in (await visitor.open(path)).text
    assert "nothing left to end" in (await visitor.open(f"{path}/end")).text
    stored = accepted(await operator.get(f"/v1{path}"))
    assert (stored["retroactive"], stored["reason"], stored["version"]) == (True, "A forged approval.", 3)
    assert len(await audited(wiring, "accreditation_ended_retroactively")) == 1


@pytest.mark.parametrize("name", ["retroactive", "reason", "meant"])
async def test_nothing_ends_without_a_reason_and_an_answer_to_the_second_question(
    visitor: Browser, operator: KeyHolder, name: str
) -> None:
    """Guards: a slip of the hand that takes the proof from a whole college."""
    path = await granted(visitor)
    await visitor.open(f"{path}/end")
    answer = await visitor.send(f"{path}/end", **ENDED | {"retroactive": "yes", name: ""})
    assert answer.status_code == 422 and f'id="{name}-error"' in answer.text
    assert name == "reason" or 'value="Withdrawn by the issuer."' in answer.text
    assert name == "retroactive" or 'value="yes" required checked' in answer.text
    assert accepted(await operator.get(f"/v1{path}"))["ended_at"] is None


async def test_two_tabs_that_end_the_same_one_end_it_once_and_lose_nothing(visitor: Browser, wiring: Wiring) -> None:
    path = await granted(visitor)
    await visitor.open(f"{path}/end")
    await visitor.send(f"{path}/end", **ENDED)
    late = await visitor.send(f"{path}/end", **ENDED | {"retroactive": "yes", "reason": "From the other tab."})
    assert late.status_code == 412 and 'value="From the other tab."' in late.text
    assert await audited(wiring, "accreditation_ended_retroactively") == []


async def test_the_page_points_out_others_that_cover_the_same(visitor: Browser) -> None:
    """Guards: an operator who ends one and wonders why awards stay verified."""
    first, second = await granted(visitor), await granted(visitor)
    for page in (await visitor.open(first), await visitor.open(f"{first}/end")):
        assert "1 other accreditation for this issuer" in page.text
    assert second in (await visitor.open(first)).text


async def test_people_of_a_provider_see_and_change_no_accreditation(
    wiring: Wiring, other_browser: Browser, york: KeyHolder, operator: KeyHolder
) -> None:
    """Guards: a provider that vouches for itself."""
    await accredited(wiring, "prv_york")
    admin = await joined(wiring, other_browser, role="admin")
    for page in ("/accreditations", "/accreditations/new", "/accreditations/acc_1", "/accreditations/acc_1/end"):
        assert (await admin.open(page)).status_code == 403, page
    await admin.open("/learners")
    assert (await admin.send("/accreditations/new", **WANTED | {"issuer": "SME"})).status_code == 403
    assert (await admin.send("/accreditations/acc_1/end", **ENDED)).status_code == 403
    stored = accepted(await operator.get("/v1/accreditations"))["items"]
    assert [(each["accreditation_id"], each["version"]) for each in stored] == [("acc_1", 1), ("acc_2", 1), ("acc_3", 1)]


async def test_an_accreditation_that_there_is_not_is_not_found(visitor: Browser) -> None:
    assert (await visitor.open("/accreditations/acc_none")).status_code == 404
    assert (await visitor.send("/accreditations/acc_none/end", **ENDED)).status_code in (403, 404)
