"""A request that names an unknown id is refused, and not answered with an empty list."""

import pytest

from .conftest import Caller
from .samples import accepted


@pytest.mark.parametrize(
    ("path", "query", "rule"),
    [
        ("/v1/learners", {"region": "00000"}, "unknown_region"),
        ("/v1/learners", {"credential": "unknown:thing"}, "unknown_credential"),
        ("/v1/cohorts", {"credential": "unknown:thing"}, "unknown_credential"),
        ("/v1/catalog/credentials", {"issuer": "Nobody"}, "unknown_issuer"),
        ("/v1/signals", {"region": "nonmetro-XX"}, "unknown_region"),
        ("/v1/signals", {"level": "much"}, "literal_error"),
        ("/v1/signals", {"subject_kind": "people"}, "literal_error"),
        ("/v1/catalog/proposals", {"status": "lost"}, "enum"),
    ],
)
async def test_a_filter_by_an_unknown_id_is_refused(york: Caller, path: str, query: dict[str, str], rule: str) -> None:
    answer = await york.get(path, **query)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["rule"]) == (next(iter(query)), rule)


async def test_an_operators_filter_by_an_unknown_provider_is_refused(york: Caller, operator: Caller) -> None:
    answer = await operator.get("/v1/accreditations", provider_id="prv_nobody")
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "unknown_provider")
    assert accepted(await operator.get("/v1/accreditations", provider_id="prv_york"))["items"] == []
    answer = await operator.get("/v1/accreditations", issuer="Nobody")
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "unknown_issuer")


async def test_the_address_of_an_unknown_definition_is_not_found(york: Caller) -> None:
    assert (await york.get("/v1/pathways/unknown:thing/learners")).status_code == 404
    assert accepted(await york.get("/v1/pathways/mssc:cpt/learners"))["items"] == []


async def test_a_cursor_of_another_list_is_refused(york: Caller) -> None:
    for definition in ("/v1/catalog/credentials", "/v1/catalog/competencies"):
        cursor = (await york.get(definition, limit=1)).json()["next_cursor"]
        other = {"/v1/catalog/credentials", "/v1/catalog/competencies"} - {definition}
        answer = await york.get(other.pop(), cursor=cursor)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor")
