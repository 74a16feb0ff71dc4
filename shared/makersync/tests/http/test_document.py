"""The OpenAPI document describes what the service does."""

import json

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from jsonschema import Draft202012Validator

from makersync.http.openapi.nulls import restore_nulls


async def test_document_is_openapi_3_1_with_problems(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {"type", "title", "status", "detail", "rule"}
    assert "FieldError" in document["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(document)
    for path in document["paths"].values():
        for operation in path.values():
            name = operation["responses"]["4XX"]["$ref"].removeprefix("#/components/responses/")
            schema = document["components"]["responses"][name]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


async def test_an_operation_names_the_problems_that_it_can_answer_with(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    change = set(paths["/v1/notices/{notice_id}"]["put"]["responses"])
    assert {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "503"} <= change
    assert not {"401", "404", "409", "412", "413", "428"} & set(paths["/healthz"]["get"]["responses"])


async def test_every_example_of_a_problem_is_a_valid_problem(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    problems = [each for each in document["components"]["responses"].values() if "content" in each]
    assert len(problems) == len(document["components"]["responses"]) - len({"NotModified"})
    for response in problems:
        for example in response["content"]["application/problem+json"].get("examples", {}).values():
            Draft202012Validator(schema).validate(example["value"])


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


def test_every_operation_id_is_unique(app: FastAPI) -> None:
    ids = [r.unique_id for r in iter_route_contexts(app.routes) if isinstance(r.original_route, APIRoute)]
    assert len(ids) == len(set(ids))


async def test_the_example_of_a_repeated_key_has_no_token(client: httpx.AsyncClient) -> None:
    making = (await client.get("/openapi.json")).json()["paths"]["/v1/operator-keys"]["post"]["responses"]
    first, repeated = (making[status]["content"]["application/json"]["example"] for status in ("201", "200"))
    assert first["token"].startswith("mks_")
    assert repeated == first | {"token": None}


async def test_the_example_of_a_service_that_is_not_ready_says_so(client: httpx.AsyncClient) -> None:
    answers = (await client.get("/openapi.json")).json()["paths"]["/readyz"]["get"]["responses"]
    examples = {status: answers[status]["content"]["application/json"]["example"]["status"] for status in ("200", "503")}
    assert examples == {"200": "ready", "503": "not_ready"}


def test_an_example_has_null_again_where_a_required_field_lost_it() -> None:
    """Guards: otherwise the example of a response would not match its own schema."""
    part = {"properties": {"value": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}, "required": ["value"]}
    listed = {"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Part"}}, {"type": "null"}]}
    whole = {
        "properties": {"parts": listed, "note": {}},
        "required": ["parts"],
        "examples": [{"parts": [{}, {"value": 1}]}, {}],
    }
    restore_nulls({"Part": part, "Whole": whole})
    assert whole["examples"] == [{"parts": [{"value": None}, {"value": 1}]}, {"parts": None}]
