"""An employer's administrators set up webhooks on pages and look after them; its other people see how they fare."""

import html
import re
from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow, WebhookSecretRow
from makersync.http.wiring import Wiring
from makersync.store.tables import ActivityRow
from services.openings.tests.conftest import Caller
from tests.visiting.browser import PASSWORD, Browser

from .conftest import joined

PAGE = "/integrations/webhooks"
NEW = f"{PAGE}/new"
URL = "https://ats.example.org/hooks/s3cret"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=&#;]+")


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser, acme: Caller) -> Browser:
    visitor = await joined(wiring, browser, address="ada@acme.example", role="admin")
    await visitor.open(NEW)
    return visitor


async def made(admin: Browser, **changed: str) -> str:
    """The path of a new webhook's page."""
    answer = await admin.send(PAGE, **{"present": PASSWORD, "url": URL, "every": "yes"} | changed)
    assert answer.status_code == 200
    path = re.search(rf"{PAGE}/whk_[0-9a-z]+", answer.text)
    assert path is not None
    await admin.open(path[0])
    return path[0]


async def row_of(wiring: Wiring, path: str) -> WebhookRow:
    async with wiring.store.reading() as session:
        return await session.get_one(WebhookRow, path.rpartition("/")[2])


async def noted(wiring: Wiring) -> list[tuple[str, str]]:
    mine = select(ActivityRow).where(col(ActivityRow.action).like("webhook_%")).order_by(col(ActivityRow.id))
    async with wiring.store.reading() as session:
        return [(row.actor.partition("_")[0], row.action) for row in await session.exec(mine)]


async def test_a_webhook_is_made_and_its_secret_is_shown_once(wiring: Wiring, admin: Browser) -> None:
    answer = await admin.send(PAGE, present=PASSWORD, url=URL, every="no", types="match.proposed", description="<i>ATS</i>")
    assert answer.status_code == 200 and len(SECRET.findall(answer.text)) == 1
    listed = (await admin.open(PAGE)).text
    assert "&lt;i&gt;ATS" in listed and URL in listed and "New candidates" in listed and not SECRET.findall(listed)
    [path] = re.findall(rf'href="({PAGE}/whk_[^"]+)"', listed)
    one = (await admin.open(path)).text
    assert URL in one and "Active" not in one and "active" in one and not SECRET.findall(one)
    assert (await row_of(wiring, path)).types == ["match.proposed"]


async def test_a_public_key_stays_on_the_page(admin: Browser) -> None:
    path = await made(admin, signing="ed25519")
    assert "whpk_" in (await admin.open(path)).text


REFUSED: Sequence[tuple[dict[str, str], str]] = [
    ({"url": "http://ats.example.org/x"}, "must begin with https://"),
    ({"url": "https://10.0.0.7/x"}, "must lead to a public address"),
    ({"url": "https://[::1]/x"}, "must lead to a public address"),
    ({"url": "https://169.254.169.254/latest"}, "must lead to a public address"),
    ({"url": "no address <b>"}, "must"),
    ({"url": ""}, "at least 1 character"),
    ({"every": "no"}, "choose at least one"),
    ({"every": "no", "types": "no.such"}, "must be among"),
    ({"signing": "none"}, "or"),
    ({"description": "x" * 201}, "at most 200 characters"),
    ({"present": "wrong words here"}, "is not your password"),
]


async def test_what_is_refused_stays_typed(wiring: Wiring, admin: Browser) -> None:
    for changed, said in REFUSED:
        form = {"present": PASSWORD, "url": URL, "every": "yes", "description": "Typed words"} | changed
        answer = await admin.send(PAGE, **form)
        assert answer.status_code == 422 and said in answer.text and 'class="error"' in answer.text, changed
        assert html.escape(form["url"]) in answer.text and form["description"] in answer.text, changed
    async with wiring.store.reading() as session:
        assert (await session.exec(select(WebhookRow))).first() is None


async def test_what_is_sent_is_changed_and_two_tabs_lose_nothing(wiring: Wiring, admin: Browser) -> None:
    path = await made(admin)
    await admin.open(f"{path}/settings")
    sent = {"version": "1", "every": "no", "types": "match.withdrawn"}
    assert (await admin.send(f"{path}/settings", **sent, description="First tab")).headers["location"] == f"{path}?done=saved"
    second = await admin.send(f"{path}/settings", **sent, description="Second tab")
    assert second.status_code == 412 and "Somebody else has changed" in second.text
    assert "First tab" in second.text and 'value="Second tab"' in second.text
    assert 'name="version" value="2"' in second.text, "what is sent next is meant"
    row = await row_of(wiring, path)
    assert (row.description, row.types) == ("First tab", ["match.withdrawn"])


async def test_another_address_and_another_secret_ask_for_the_password(wiring: Wiring, admin: Browser) -> None:
    path = await made(admin)
    await admin.open(f"{path}/settings")
    elsewhere = {"version": "1", "url": "https://elsewhere.example/x"}
    assert (await admin.send(f"{path}/settings/address", **elsewhere)).status_code == 422
    assert (await admin.send(f"{path}/settings/secret", grace_seconds="0")).status_code == 422
    assert (await row_of(wiring, path)).url == URL
    assert (await admin.send(f"{path}/settings/address", **elsewhere, present=PASSWORD)).status_code == 303
    assert (await row_of(wiring, path)).url == "https://elsewhere.example/x"
    refused = await admin.send(f"{path}/settings/address", version="2", url="https://127.0.0.1/", present=PASSWORD)
    assert refused.status_code == 422 and "public address" in refused.text and "https://127.0.0.1/" in refused.text


async def test_a_secret_is_replaced_with_an_overlap(wiring: Wiring, admin: Browser) -> None:
    path = await made(admin)
    await admin.open(f"{path}/settings")
    odd = await admin.send(f"{path}/settings/secret", version="1", present=PASSWORD, grace_seconds="5")
    assert odd.status_code == 422 and "choose one of the list" in odd.text
    rotated = await admin.send(f"{path}/settings/secret", version="1", present=PASSWORD, grace_seconds="3600")
    assert len(SECRET.findall(rotated.text)) == 1 and "the signatures of the old one too" in rotated.text
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(WebhookSecretRow))).all()) == 2
    assert not SECRET.findall((await admin.open(path)).text)


async def test_a_webhook_is_tested_suspended_resumed_and_deleted(wiring: Wiring, admin: Browser) -> None:
    path = await made(admin)
    tested = await admin.send(f"{path}/test")
    page = await admin.open(tested.headers["location"])
    assert page.status_code == 200 and "waiting" in page.text and "every 3s" in page.text and "webhook.test" in page.text
    assert (await admin.send(f"{path}/suspend")).headers["location"] == f"{path}?done=suspended"
    assert "Suspended" in (await admin.open(path)).text
    assert (await admin.send(f"{path}/resume")).headers["location"] == f"{path}?done=resumed"
    version = str((await row_of(wiring, path)).version)
    assert (await admin.send(f"{path}/settings/delete", version=version)).status_code == 422
    assert (await admin.send(f"{path}/settings/delete", version="1", meant="yes")).status_code == 412
    assert (await admin.send(f"{path}/settings/delete", version=version, meant="yes")).headers["location"].startswith(PAGE)
    assert (await admin.open(path)).status_code == 404
    assert await noted(wiring) == [
        ("member:mem", f"webhook_{each}") for each in ("made", "tested", "suspended", "resumed", "deleted")
    ]


async def test_the_log_shows_each_attempt_and_markup_stays_text(wiring: Wiring, admin: Browser) -> None:
    """Guards: what a receiver answers would be run in the browser of an administrator."""
    path = await made(admin)
    delivery = (await admin.send(f"{path}/test")).headers["location"]
    async with wiring.store.transaction() as session:
        row = await session.get_one(DeliveryRow, delivery.rpartition("/")[2])
        row.state, row.finished_at, row.attempts = "failed", wiring.clock.now(), 1
        about = {"delivery_id": row.id, "at": wiring.clock.now()}
        answered = {"status": 500, "duration_ms": 1500, "answer": "<script>alert(1)</script>"}
        session.add(AttemptRow(number=1, outcome="refused", **answered, **about))
        session.add(AttemptRow(number=2, outcome="unknown", **about))
    text = (await admin.open(delivery)).text
    assert "status 500, in 1.5 s" in text and "&lt;script&gt;" in text and "<script>alert" not in text
    assert "the message may have arrived" in text and "every 3s" not in text, "nothing more is to come"
    assert delivery in (await admin.open(f"{path}?state=failed")).text
    assert delivery not in (await admin.open(f"{path}?state=delivered")).text
    assert (await admin.open(f"{path}?state=no-such")).status_code == 200
    assert (await admin.open(f"{path}?after=no-cursor")).status_code == 400


async def test_what_another_organisation_has_is_absent(
    wiring: Wiring, admin: Browser, other_browser: Browser, bolt: Caller
) -> None:
    path = await made(admin, description="Secret plans")
    delivery = (await admin.send(f"{path}/test")).headers["location"]
    stranger = await joined(wiring, other_browser, address="bo@bolt.example", role="admin", whose="emp_bolt")
    assert "Secret plans" not in (await stranger.open(PAGE)).text
    for each in (path, f"{path}/settings", delivery):
        assert (await stranger.open(each)).status_code == 404
    await stranger.open(NEW)
    fields = {"present": PASSWORD, "version": "1", "meant": "yes", "every": "yes", "url": URL, "first": "1"}
    steps = ("test", "suspend", "resume", "replay", "settings", "settings/address", "settings/secret", "settings/delete")
    for each in (*(f"{path}/{step}" for step in steps), f"{delivery}/replay"):
        assert (await stranger.send(each, **fields)).status_code == 404, each
    own = (await admin.open(path)).text
    assert "Secret plans" in own and (await row_of(wiring, path)).version == 1


@pytest.mark.parametrize("role", ["reader", "recruiter"])
async def test_other_roles_see_how_webhooks_fare_and_change_none(
    wiring: Wiring, admin: Browser, other_browser: Browser, role: str
) -> None:
    """Guards: an address may hold a secret of the receiver, and so may what it answers."""
    path = await made(admin)
    delivery = (await admin.send(f"{path}/test")).headers["location"]
    visitor = await joined(wiring, other_browser, role=role)
    for each in (PAGE, path, delivery):
        text = (await visitor.open(each)).text
        assert "s3cret" not in text and '<form method="post" action="/integrations' not in text
    assert "https://ats.example.org/…" in (await visitor.open(path)).text
    for each in (NEW, f"{path}/settings"):
        assert (await visitor.open(each)).status_code == 403
    await visitor.open("/account")
    for each in (PAGE, f"{path}/test", f"{path}/suspend", f"{path}/settings/delete", f"{delivery}/replay"):
        assert (await visitor.send(each, present=PASSWORD, url=URL, meant="yes", version="1")).status_code == 403, each


async def test_a_form_sent_twice_makes_one_webhook(wiring: Wiring, admin: Browser) -> None:
    once = re.findall(r'name="once" value="([^"]+)"', (await admin.open(NEW)).text)[-1]
    await made(admin, once=once)
    again = await admin.send(PAGE, present=PASSWORD, url=URL, every="yes", once=once)
    assert again.status_code == 409 and "secret of a webhook again" in again.text and not SECRET.findall(again.text)
    async with wiring.store.reading() as session:
        assert len((await session.exec(select(WebhookRow))).all()) == 1
