"""`docs/reference/api-<service>.md`: every operation of a service, who may call it, what it takes and what it answers."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from makersync.http.keys import OPERATOR
from makersync.http.openapi.access import SCHEME
from makersync.runtime.documents import installed_services, openapi_document
from tools.pages.json_schema import fields_table, meaning, words
from tools.pages.markdown import code, page, table

Document = Mapping[str, Any]
#: Schemas' headings, apart from the other headings of a page.
ANCHOR = "schema-"
ANY_KEY = "any"
_SAID = {OPERATOR: "an operator's key", ANY_KEY: "any key of an organisation"}

_INTRODUCTION = """The running service answers with its OpenAPI 3.1 document at `/openapi.json` and shows it as a page
at `/docs`; the released copy is `shared/contracts/schemas/openapi/{service}.json`. Send the API key as
`Authorization: Bearer mks_…`. Creations take an `Idempotency-Key`: a repetition within a day gets the first answer. Changes
need `If-Match` with the version that is changed, or `*`. Lists come in pages: `next_cursor` of one page is the `cursor` of
the next. Everything that goes wrong is a problem of RFC 9457, see [Problems, rules and scopes](problems.md)."""


@cache
def services() -> Mapping[str, Document]:
    """The OpenAPI document of each installed service, by the service's name."""
    return asyncio.run(_read())


async def _read() -> Mapping[str, Document]:
    return {name: await openapi_document(definition) for name, definition in installed_services().items()}


def api_page(service: str) -> str:
    document = services()[service]
    return page(f"The {service} API", _INTRODUCTION.format(service=service), *_operations(document), *_schemas(document))


def _operations(document: Document) -> Iterator[str]:
    tagged: dict[str, list[str]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tagged[operation["tags"][0]].append(_operation(f"{method.upper()} {path}", operation))
    for tag, parts in tagged.items():
        yield f"## {tag.capitalize().replace('-', ' ')}"
        yield from parts


def _operation(title: str, operation: Document) -> str:
    parts = [
        f"### `{title}`",
        f"{operation['summary']}. {operation.get('description', '')}".rstrip(),
        f"Needs {_access(operation)}.{_body(operation)}{_answers(operation)}",
        _parameters(operation),
        *_body_examples(operation),
    ]
    return "\n\n".join(part for part in parts if part)


def _access(operation: Document) -> str:
    """Any one of the scopes, in words; or a token of another scheme than that of keys."""
    if tokens := [name for each in operation["security"] for name in each if name != SCHEME]:
        return f"a token of its own ({code(tokens[0])})"
    scopes = [scope for each in operation["security"] for granted in each.values() for scope in granted or (ANY_KEY,)]
    return ", or ".join(_SAID.get(scope, code(scope)) for scope in scopes) or "no key"


def _body(operation: Document) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(f" Takes {words(each['schema'], ANCHOR)}." for each in content.values())


def _body_examples(operation: Document) -> Iterator[str]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "example" in content:
            yield f"```json\n{json.dumps(content['example'], indent=2, ensure_ascii=False)}\n```"


def _answers(operation: Document) -> str:
    said = [
        f" Answers {status}" + "".join(f" with {words(each['schema'], ANCHOR)}" for each in answer.get("content", {}).values())
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    return "".join(f"{each}." for each in said)


def _parameters(operation: Document) -> str:
    rows = [
        (
            code(each["name"]),
            each["in"],
            words(each["schema"]),
            "yes" if each.get("required") else "",
            meaning(each),
        )
        for each in operation.get("parameters", ())
    ]
    return table(("parameter", "in", "type", "required", "meaning"), rows)


def _schemas(document: Document) -> Iterator[str]:
    yield "## Schemas"
    for name, schema in sorted(document["components"]["schemas"].items()):
        heading = f"### {name} {{ #{ANCHOR}{name.lower()} }}"
        fields = fields_table(schema, "required", ANCHOR) or f"{words(schema, ANCHOR)}."
        yield "\n\n".join(part for part in (heading, schema.get("description", ""), fields) if part)
