"""The names of rules and warnings that code raises, found in its text."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from makersync.http.problems import Problem
from tools.pages.problems import problem_kinds

#: Calls that name a rule, with the place of its name among the arguments, or the keyword that it is given by.
_REFUSING: Mapping[str, int | str] = {
    "RuleBroken": 1,
    "NotPossible": 0,
    "NotNow": 0,
    "Passed": 0,
    "Violation": 1,
    "ValidationProblem.of": 1,
    "MalformedRequest.of": 1,
    "MalformedBody.of": 0,
    "UnfitText": 0,
    "PydanticCustomError": 0,
    "FieldError": "rule",
    "_Fault": 0,
    "self._refused": 0,
    **{kind.__name__: 0 for kind in problem_kinds()},
}
_WARNING: Mapping[str, int | str] = {"Remark": 1}


def refusals_in(package: Path) -> frozenset[str]:
    """The names of rules that are written down where something is refused."""
    return frozenset(_named(package, _REFUSING))


def refusals_with(kind: type[Problem], package: Path) -> frozenset[str]:
    """The rules that are written down where a problem of this kind is made."""
    return frozenset(_named(package, {kind.__name__: 0}))


def warnings_in(package: Path) -> frozenset[str]:
    """The names that are written down where a warning is made."""
    return frozenset(_named(package, _WARNING))


def texts_in(package: Path) -> frozenset[str]:
    """Every text constant of the code: a name that is computed or chosen from several is one of them."""
    return frozenset(
        node.value
        for tree in _trees(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def _trees(package: Path) -> Sequence[ast.Module]:
    """Without the registry itself."""
    paths = (path for path in sorted(package.rglob("*.py")) if path.name != "rule_names.py")
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths]


@cache
def _calls(package: Path) -> Mapping[str, Sequence[ast.Call]]:
    """Every call, by what is called."""
    calls: dict[str, list[ast.Call]] = {}
    for tree in _trees(package):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                calls.setdefault(ast.unparse(node.func), []).append(node)
    return calls


def _named(package: Path, naming: Mapping[str, int | str]) -> Iterator[str]:
    for called, place in naming.items():
        for call in _calls(package).get(called, ()):
            name = _argument(call, place)
            if isinstance(name, ast.Constant):
                yield str(name.value)


def _argument(call: ast.Call, place: int | str) -> ast.expr | None:
    if isinstance(place, int):
        return call.args[place] if place < len(call.args) else None
    return next((each.value for each in call.keywords if each.arg == place), None)
