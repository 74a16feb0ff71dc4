"""The page at /docs shows the document and loads nothing from another host."""

import re

import httpx

LOADED = re.compile(r'(?:src|href)="([^"]+)"')


async def test_the_page_loads_files_only_from_its_own_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    loaded = [address for address in LOADED.findall(page.text) if not address.startswith("data:")]
    assert len(loaded) == 3
    for address in loaded:
        assert (await client.get(f"/{address}")).status_code == 200


async def test_the_page_forbids_browsers_to_contact_other_hosts(client: httpx.AsyncClient) -> None:
    """Guards: Swagger UI's badge, which sends the document's address to a validator on another host."""
    policy = (await client.get("/docs")).headers["Content-Security-Policy"]
    sources = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert sources["default-src"] == "'none'"
    assert sources["script-src"] == "'self'"
    assert sources["connect-src"] == "'self'"
    assert "http" not in policy
    assert "validatorUrl: null" in (await client.get("/docs/start.js")).text


async def test_the_page_shows_the_document_of_its_service(client: httpx.AsyncClient) -> None:
    start = (await client.get("/docs/start.js")).text
    address = re.findall(r'url: "([^"]+)"', start)
    assert address == ["openapi.json"]
    assert (await client.get(f"/{address[0]}")).json()["info"]["title"] in (await client.get("/docs")).text


async def test_the_page_is_not_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    assert not [path for path in (await client.get("/openapi.json")).json()["paths"] if path.startswith("/docs")]


async def test_there_is_no_other_documentation_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/redoc")).status_code == 404
    assert (await client.post("/docs")).status_code == 405
