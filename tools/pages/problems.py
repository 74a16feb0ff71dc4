"""`docs/reference/problems.md`: the kinds of problems, the names of the rules, and the scopes of keys."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from makersync.http.key_rotation import MANAGE_KEYS
from makersync.http.keys import OPERATOR
from makersync.http.problems import TYPE_PREFIX, Problem
from makersync.runtime.documents import installed_services
from tools.pages.markdown import code, page, table

ROOT = Path(__file__).parents[2]
SOURCES = ("services/openings/openings", "services/learners/learners", "shared/makersync/makersync")
#: Calls that name a rule, with the place of its name among the arguments; its wording comes next.
_REFUSING: Mapping[str, int] = {
    "RuleBroken": 1,
    "NotPossible": 0,
    "Violation": 1,
    "ValidationProblem.of": 1,
    "MalformedRequest.of": 1,
    "UnfitText": 0,
    "_refusal": 1,
    "self._refused": 0,
}
_WARNING: Mapping[str, int] = {"Remark": 1}

_INTRODUCTION = """An answer other than success is `application/problem+json` as in RFC 9457. `type` is a fixed name,
`detail` says what to do, and `errors` names each field with the rule that it breaks. No problem repeats a value that was
sent."""
_RULES = """## Rules

The names below are the product's own. Where a value has the wrong form already (a string for a number, a text that is too
long for its field) `rule` is the name that the validating library gives to it, such as `missing` or `string_too_long`."""
_WARNINGS = """## Warnings

What is sound but odd is taken, and the answer's `warnings` name the field and the rule in the same form."""
_SCOPES = """## Scopes

An operator issues keys to organisations with some of the scopes of the service. An operator's key has the scope
`operator` alone. The API pages say for each operation which key it needs."""


def problems_page() -> str:
    kinds = sorted(_kinds(Problem), key=lambda each: (each.status, each.name))
    rows = [(code(TYPE_PREFIX + each.name), str(each.status), each.title, _first_line(each)) for each in kinds]
    problems = "## Problems\n\n" + table(("type", "status", "title", "meaning"), rows)
    rules, warnings = _rules_table(_REFUSING), _rules_table(_WARNING)
    return page("Problems, rules and scopes", _INTRODUCTION, problems, _RULES, rules, _WARNINGS, warnings, _SCOPES, _scopes())


def _kinds(kind: type[Problem]) -> Iterator[type[Problem]]:
    for each in kind.__subclasses__():
        if each.__module__ == Problem.__module__:
            yield each
            yield from _kinds(each)


def _first_line(kind: type[Problem]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0] if kind.__doc__ != Problem.__doc__ else ""


def _scopes() -> str:
    rows = [(code(scope), name) for name, service in installed_services().items() for scope in sorted(service.key_scopes)]
    rows += [(code(MANAGE_KEYS), "every service, beside another scope"), (code(OPERATOR), "every service, operators alone")]
    return table(("scope", "of keys of"), rows)


def _rules_table(naming: Mapping[str, int]) -> str:
    """Every rule once with each of its wordings, by name."""
    found = {rule for source in SOURCES for path in (ROOT / source).rglob("*.py") for rule in _named_in(path, naming)}
    worded = {rule for rule, said, _ in found if said}
    rows = [(code(rule), said, where) for rule, said, where in sorted(found) if said or rule not in worded]
    return table(("rule", "says", "in"), rows)


def _named_in(path: Path, naming: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    package = path.relative_to(ROOT).parts[1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (place := naming.get(ast.unparse(node.func))) is not None:
            rule, said = [*node.args[place : place + 2], None, None][:2]
            if isinstance(rule, ast.Constant):
                yield str(rule.value), _wording(said), "every service" if package == "makersync" else package


def _wording(node: ast.expr | None) -> str:
    """The text of a message; what it is filled with stands as an ellipsis."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
