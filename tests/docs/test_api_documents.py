"""Each service's OpenAPI document can be coded against: everything is described, and every body and answer has an example."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from makersync.http.openapi.document import json_contents
from makersync.http.rule_names import KIT_RULES
from makersync.runtime.documents import composed, installed_services
from tests.docs.sources import ROOT
from tools.pages.http_api import services
from tools.pages.raised_names import refusals_in, texts_in, warnings_in

#: What the services share beside the kit: its rules are theirs.
REFERENCE = ROOT / "shared/reference/reference"
Found = Iterator[tuple[str, dict[str, Any]]]


def operations(service: str) -> Found:
    for methods in services()[service]["paths"].values():
        for operation in methods.values():
            yield operation["operationId"], operation


def properties(service: str) -> Found:
    for name, schema in schemas(service).items():
        for field, described in schema.get("properties", {}).items():
            yield f"{name}.{field}", described


def schemas(service: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = services()[service]["components"]["schemas"]
    return found


def is_described(service: str, described: Mapping[str, Any]) -> bool:
    """By itself, by the named schema that it is, or by each of its alternatives but null."""
    if described.get("description"):
        return True
    if "$ref" in described:
        return is_described(service, schemas(service)[described["$ref"].rpartition("/")[2]])
    options = [each for each in described.get("anyOf", ()) if each != {"type": "null"}]
    return bool(options) and all(is_described(service, each) for each in options)


@pytest.mark.parametrize("service", installed_services())
def test_every_operation_says_more_than_its_summary(service: str) -> None:
    silent = [
        name
        for name, each in operations(service)
        if not each.get("summary") or len(each.get("description", "")) <= len(each["summary"])
    ]
    assert silent == []


@pytest.mark.parametrize("service", installed_services())
def test_every_parameter_is_described(service: str) -> None:
    silent = [
        f"{name}({each['name']})"
        for name, operation in operations(service)
        for each in operation.get("parameters", ())
        if not each.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize("service", installed_services())
def test_every_field_is_described(service: str) -> None:
    assert [name for name, each in properties(service) if not is_described(service, each)] == []


@pytest.mark.parametrize("service", installed_services())
def test_every_operation_has_a_name_of_its_own(service: str) -> None:
    names = [name for name, _ in operations(service)]
    assert sorted(names) == sorted(set(names))
    assert [name for name in names if not name.isidentifier() or name != name.lower()] == []


@pytest.mark.parametrize("service", installed_services())
def test_every_operation_names_its_security(service: str) -> None:
    assert [name for name, each in operations(service) if "security" not in each] == []


@pytest.mark.parametrize("service", installed_services())
def test_every_example_is_what_its_schema_describes(service: str) -> None:
    wrong = [
        f"{name}: {error.json_path} {error.message}"
        for name, operation in operations(service)
        for content in json_contents(operation)
        for error in _validator(service, content["schema"]).iter_errors(content["example"])
    ]
    assert wrong == []


def _validator(service: str, schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": {"schemas": schemas(service)}})


@pytest.mark.parametrize("service", installed_services())
async def test_every_example_of_a_body_is_accepted(service: str) -> None:
    refused = []
    for name, model in (await _bodies(service)).items():
        # Which makes the documents first, in a loop of its own.
        example = await asyncio.to_thread(services_body, service, name)
        try:
            TypeAdapter(model).validate_python(example)
        except ValidationError as error:
            refused += [f"{name}: {each['loc']} {each['msg']}" for each in error.errors()]
    assert refused == []


def services_body(service: str, name: str) -> Any:
    (content,) = dict(operations(service))[name]["requestBody"]["content"].values()
    return content["example"]


async def _bodies(service: str) -> Mapping[str, Any]:
    """The model of each operation's body."""
    async with composed(installed_services()[service]) as process:
        return {
            route.name: route.body_field.field_info.annotation
            for context in iter_route_contexts(process.application().routes)
            if isinstance(route := context.original_route, APIRoute) and route.body_field is not None
        }


@pytest.mark.parametrize("service", installed_services())
def test_the_named_rules_are_those_that_the_code_raises(service: str) -> None:
    definition, package = installed_services()[service], ROOT / "services" / service / service
    assert sorted(refusals_in(package) - {*definition.rules, *KIT_RULES}) == []
    assert sorted(warnings_in(package) - set(definition.warnings)) == []
    said = texts_in(package) | texts_in(REFERENCE)
    assert sorted({*definition.rules, *definition.warnings} - said) == []
