"""The OpenAPI document says what the service does."""

import json

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts


async def test_document_is_openapi_3_1_with_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {"type", "title", "status", "detail"}
    assert "FieldError" in document["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(document)
    for path in document["paths"].values():
        for operation in path.values():
            schema = operation["responses"]["4XX"]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


async def test_every_reference_of_the_document_resolves(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    references = {part.split('"')[0] for part in json.dumps(document).split('"$ref": "')[1:]}
    assert references
    for reference in references:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


async def test_document_names_keys_versions_and_repeatable_creations(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    create, change = document["paths"]["/v1/notices"]["post"], document["paths"]["/v1/notices/{notice_id}"]["put"]
    assert create["security"] == [{"api_key": ["notices:write"]}]
    assert "idempotency-key" in {parameter["name"].lower() for parameter in create["parameters"]}
    assert "if-match" in {parameter["name"].lower() for parameter in change["parameters"]}


async def test_no_page_loads_scripts_from_elsewhere(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 404
    assert (await client.get("/redoc")).status_code == 404


def test_every_operation_id_is_unique(app: FastAPI) -> None:
    ids = [r.unique_id for r in iter_route_contexts(app.routes) if isinstance(r.original_route, APIRoute)]
    assert len(ids) == len(set(ids))
