"""This service's copy of the catalog."""

import pytest

from .conftest import Caller, credential
from .events import Feed
from .samples import group, wanted


async def test_a_credential_can_be_asked_for_once_its_definition_has_arrived(acme: Caller, feed: Feed) -> None:
    assert (await acme.post("/v1/openings", wanted())).status_code == 422
    await feed.catalog(("CredentialDefined", "nims.cnc-operator", 1, credential("nims.cnc-operator")))
    assert (await acme.post("/v1/openings", wanted())).status_code == 201


async def test_a_competency_can_be_asked_for_once_its_definition_has_arrived(acme: Caller, feed: Feed) -> None:
    body = wanted(groups=[group(any_of=[{"competency": "quality.gdt", "level": 2}])])
    assert (await acme.post("/v1/openings", body)).status_code == 422
    await feed.catalog(("CompetencyDefined", "quality.gdt", 1, {"id": "quality.gdt", "name": "GD&T"}))
    assert (await acme.post("/v1/openings", body)).status_code == 201


async def name_of(acme: Caller, identifier: str) -> str:
    [found] = (await acme.get("/v1/catalog/credentials", q=identifier)).json()["items"]
    return str(found["name"])


async def test_an_older_version_of_a_definition_that_arrives_late_changes_nothing(acme: Caller, feed: Feed) -> None:
    old = ("CredentialDefined", "x.y", 1, credential("x.y", name="Old"))
    new = ("CredentialRevised", "x.y", 2, credential("x.y", name="New"))
    await feed.catalog(new, old)
    assert await name_of(acme, "x.y") == "New"
    await feed.catalog(old)
    assert await name_of(acme, "x.y") == "New"


@pytest.mark.usefixtures("catalog")
async def test_credentials_are_found_by_every_word_in_id_name_issuer_or_alias(acme: Caller, feed: Feed) -> None:
    welder = credential("aws.welder", name="Certified Welder", issuer="American Welding Society", aliases=["100% CW_1"])
    await feed.catalog(("CredentialDefined", "aws.welder", 1, welder))
    for words in ("welder", "WELDING society", "cw_1 certified", "100%"):
        [found] = (await acme.get("/v1/catalog/credentials", q=words)).json()["items"]
        assert found == welder
    assert (await acme.get("/v1/catalog/credentials", q="welder nurse")).json()["items"] == []
    assert (await acme.get("/v1/catalog/credentials", q="%")).json()["items"] == [welder]


@pytest.mark.usefixtures("catalog")
async def test_the_catalog_comes_in_pages(acme: Caller) -> None:
    first = (await acme.get("/v1/catalog/competencies", limit=1)).json()
    second = (await acme.get("/v1/catalog/competencies", limit=1, cursor=first["next_cursor"])).json()
    assert [page["items"][0]["id"] for page in (first, second)] == ["machining.cnc-milling", "quality.measurement"]
    assert second["next_cursor"] is None
