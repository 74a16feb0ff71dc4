"""`docs/reference/problems.md`: the kinds of problems, the names of the rules, and the scopes of keys."""

from collections.abc import Iterator, Mapping

from makersync.http.key_rotation import MANAGE_KEYS
from makersync.http.keys import OPERATOR
from makersync.http.openapi.responses import meaning_of
from makersync.http.problems import TYPE_PREFIX, Problem
from makersync.http.rule_names import KIT_RULES, PROBLEM_RULES
from makersync.runtime.documents import installed_services
from tools.pages.markdown import code, page, table

_INTRODUCTION = """An answer other than success is `application/problem+json` as in RFC 9457. `type` is the fixed name
of the kind of problem, `rule` the fixed name of the cause, and `detail` says what to do. `errors` names each field with the
rule that it breaks; `rule` is then the first of them. No problem repeats a value that was sent.

A client can decide by `rule` alone. Where the table names no rules, it is one of the others [below](#rules)."""
_RULES = """## Rules

The names are the product's own and do not change. Those of wrong forms, such as a string where a number is asked for, are
the same in every service."""
_WARNINGS = """## Warnings

What is sound but odd is taken, and the answer's `warnings` name the field and the rule in the same form."""
_EVERY = "every service"
_SCOPES = """## Scopes

An operator issues keys to organisations with some of the scopes of the service. An operator's key has the scope
`operator` alone. The API pages say for each operation which key it needs."""


def problems_page() -> str:
    kinds = sorted(problem_kinds(), key=lambda each: (each.status, each.name))
    problems = "## Problems\n\n" + table(("type", "status", "title", "meaning", "rules"), map(_row, kinds))
    services = installed_services()
    rules = _names_table({_EVERY: KIT_RULES} | {name: each.rules for name, each in services.items()})
    warnings = _names_table({name: each.warnings for name, each in services.items()})
    return page("Problems, rules and scopes", _INTRODUCTION, problems, _RULES, rules, _WARNINGS, warnings, _SCOPES, _scopes())


def _row(kind: type[Problem]) -> tuple[str, ...]:
    rules = ", ".join(map(code, PROBLEM_RULES.get(kind.name, ())))
    return code(TYPE_PREFIX + kind.name), str(kind.status), kind.title, meaning_of(kind), rules


def problem_kinds(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    for each in kind.__subclasses__():
        if each.__module__ == Problem.__module__:
            yield each
            yield from problem_kinds(each)


def _scopes() -> str:
    rows = [(code(scope), name) for name, service in installed_services().items() for scope in sorted(service.key_scopes)]
    rows += [(code(MANAGE_KEYS), "every service, beside another scope"), (code(OPERATOR), "every service, operators alone")]
    return table(("scope", "of keys of"), rows)


def _names_table(names: Mapping[str, Mapping[str, str]]) -> str:
    rows = sorted((code(rule), meaning, where) for where, meanings in names.items() for rule, meaning in meanings.items())
    return table(("rule", "meaning", "in"), rows)
