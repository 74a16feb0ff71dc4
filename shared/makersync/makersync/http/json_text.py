"""Reads the JSON of requests, in one place: UTF-8 only, without duplicate keys or values that databases cannot store, and with
precise errors.

Positions are given as paths, such as `groups.0.level`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from makersync.http.problems import MalformedBody, ValidationProblem

#: Nesting of lists and objects. No request body needs a tenth of it, and parsers fail at some depth of their own.
DEEPEST = 64
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_LONGEST_INTEGER = 20
_LONGEST_KEY = 100
_HALF = re.compile("[\ud800-\udfff]")
#: How a surrogate, paired or not, can be escaped in JSON.
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
#: String literals, terminated or not, and the brackets outside them.
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def parse_json(body: bytes) -> Any:
    """Parse a body. Raises MalformedBody if it is not JSON, and ValidationProblem if a part of it is rejected."""
    text = _decoded(body)
    _refuse_depth(body)
    reading = _ParserHooks()
    try:
        value = json.loads(
            text,
            object_pairs_hook=reading.members,
            parse_int=reading.integer,
            parse_float=reading.number,
            parse_constant=reading.constant,
        )
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at character {error.pos}"
        raise MalformedBody.of("json_invalid", detail, f"The body is not JSON: {detail}.") from error
    if reading.faults:
        raise _first_fault(value, reading.faults)
    if _ESCAPED_HALF.search(text):
        _refuse_halves(value)
    return value


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with one value, or with one member of it."""

    rule: str
    detail: str
    member: str | None = None


@dataclass(slots=True)
class _ParserHooks:
    """The parser's hooks. They do not know the path of a value, so a rejected value is replaced by a marker and found later."""

    faults: list[tuple[object, _Fault]] = field(default_factory=list)

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self.faults.append((found, _Fault("duplicate_key", "must not be given twice", _repeated(pairs))))
        return found

    def integer(self, digits: str) -> Any:
        if len(digits) <= _LONGEST_INTEGER and _SMALLEST <= (value := int(digits)) <= _LARGEST:
            return value
        return self._refused("integer_too_large", "must be an integer of at most 64 bits")

    def number(self, digits: str) -> Any:
        value = float(digits)
        return value if abs(value) != float("inf") else self._refused("number_too_large", "must be a number of at most 64 bits")

    def constant(self, name: str) -> Any:
        return self._refused("no_json_number", f"must be a JSON number; {name} is none")

    def _refused(self, rule: str, detail: str) -> object:
        marker = object()
        self.faults.append((marker, _Fault(rule, detail)))
        return marker


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    return next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = json.detect_encoding(body)
        seems = f" (it seems to be {guess.upper()})" if guess.startswith(("utf-16", "utf-32")) else ""
        detail = f"must be UTF-8; it is not at byte {error.start}{seems}"
        raise MalformedBody.of("encoding", detail, f"The body {detail}.") from error


def _refuse_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for found in _STRUCTURE.finditer(body):
        mark = found[0][:1]
        depth += 1 if mark in b"[{" else -1 if mark in b"]}" else 0
        if depth > DEEPEST:
            detail = f"must not be nested deeper than {DEEPEST} levels; it is at byte {found.start()}"
            raise MalformedBody.of("nesting", detail, f"The body {detail}.")


def _first_fault(value: Any, faults: list[tuple[object, _Fault]]) -> ValidationProblem:
    """The first fault whose value is still in the result: of two values with the same key, one is lost."""
    by_identity = {id(at): fault for at, fault in faults}
    for path, found in _walk(value, ()):
        fault = by_identity.get(id(found))
        if fault is not None:
            place = ".".join((*path, _shown(fault.member)) if fault.member is not None else path) or "body"
            return ValidationProblem.of(place, fault.rule, fault.detail)
    raise AssertionError("a fault has no place")


def _walk(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from _walk(inner, (*path, _shown(str(key))))


def _shown(key: str) -> str:
    """The key in a form that a response can contain."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", key[:_LONGEST_KEY])


def _refuse_halves(value: Any) -> None:
    """Unpaired surrogates are not Unicode text and cannot be stored. If one is in a key, the error names the object."""
    for path, found in _walk(value, ()):
        texts = found if isinstance(found, dict) else (found,)
        if any(isinstance(text, str) and _HALF.search(text) for text in texts):
            detail = "must be Unicode text; half of a surrogate pair is none"
            raise ValidationProblem.of(".".join(path) or "body", "unpaired_surrogate", detail)
