"""An address without a page gives words, or the page above it, to whoever opens it in a browser; programs get a problem."""

import pytest

from makersync.http.wiring import Wiring
from tests.visiting.browser import Browser

from .conftest import joined

pytestmark = pytest.mark.usefixtures("acme")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def admin(wiring: Wiring, browser: Browser) -> Browser:
    return await joined(wiring, browser, role="admin")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/members/invite", "/members"),
        ("/members/mem_x/role", "/members"),
        ("/account/password", "/account"),
        ("/integrations/webhooks/whk_x/settings/secret", "/integrations/webhooks/whk_x/settings"),
        ("/sign-out", "/"),
    ],
)
async def test_the_address_that_a_form_is_sent_to_leads_to_the_form(admin: Browser, path: str, form: str) -> None:
    """Guards: Enter in the address bar after a refused form showed JSON."""
    answer = await admin.open(path, Accept=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, form)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/nothing", "/openings/opn_x/nothing", "//elsewhere.example/account/password", "/v1/nothing"])
async def test_an_unknown_address_is_said_in_words_with_a_way_on(admin: Browser, path: str) -> None:
    answer = await admin.http.get(f"https://pages.example{path}", headers={"Accept": BROWSER})
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address." in answer.text and 'href="/"' in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/members/invite", 405), ("/v1/nothing", 404)])
async def test_programs_get_a_problem(admin: Browser, path: str, status: int) -> None:
    for accepts in ("*/*", "application/json"):
        answer = await admin.open(path, Accept=accepts)
        assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


async def test_a_browser_at_a_method_of_the_api_reads_words(admin: Browser) -> None:
    answer = await admin.open("/v1/openings/opn_x/publish", Accept=BROWSER)
    assert answer.status_code in (404, 405) and answer.headers["content-type"].startswith("text/html")
