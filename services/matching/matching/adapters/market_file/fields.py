"""Strict reading of JSON objects: every problem is noted with its place, and reading goes on."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar, cast

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ROOT = "document"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One broken rule and its place, such as ``openings[3].groups[0].any_of[1].level``."""

    place: str
    rule: str


class Pairs(list[tuple[str, object]]):
    """A JSON object as it was written, repeated names included."""


def parse_json(text: str | bytes) -> object:
    """The document in `text`, its objects as `Pairs`; raises ValueError or RecursionError when it is not JSON."""
    return cast(object, json.loads(text, object_pairs_hook=Pairs))


@dataclass(frozen=True, slots=True)
class IntegerRange:
    """The least and the greatest integer allowed; None for no limit."""

    least: int
    greatest: int | None = None

    def hold(self, number: int) -> bool:
        """Whether `number` is inside."""
        return self.least <= number and (self.greatest is None or number <= self.greatest)

    def __str__(self) -> str:
        return f"must be {self.least} or more" if self.greatest is None else f"must be {self.least} to {self.greatest}"


class Problems:
    """What is wrong with a document so far, in the order in which it was read."""

    def __init__(self) -> None:
        self.found: list[FieldProblem] = []

    def note(self, place: str, rule: str) -> None:
        """Remember a broken rule."""
        self.found.append(FieldProblem(place or _ROOT, rule))


class Fields:
    """The fields of one JSON object, at a place in the document.

    A getter that finds a problem notes it and returns a stand-in of the right type, so that the rest is read too;
    `sound` says whether the values of some fields can be compared. Null means absent.
    """

    def __init__(self, value: object, place: str, problems: Problems) -> None:
        self.place = place
        self._problems = problems
        self._unsound: set[str] = set()
        self.is_object = isinstance(value, dict | Pairs)
        self._values = self._unique(value)
        self._unread = set(self._values)

    def at(self, name: str) -> str:
        """The place of a field."""
        return f"{self.place}.{name}" if self.place else name

    def note(self, name: str, rule: str) -> None:
        """Note a problem of a field."""
        self._unsound.add(name)
        self._problems.note(self.at(name), rule)

    def sound(self, *names: str) -> bool:
        """Whether nothing was wrong with these fields so far."""
        return self._unsound.isdisjoint(names)

    def finish(self) -> None:
        """Note every field that nobody asked for."""
        for name in sorted(self._unread):
            self.note(name, "unknown field")

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._take(name) is not None

    def is_empty(self, name: str) -> bool:
        """Whether the field is absent, null or an array without entries."""
        return not self._values.get(name)

    def text(self, name: str) -> str:
        """A required text that is not empty."""
        value = self._required(name)
        return self._text(name, value) if value is not None else ""

    def optional_text(self, name: str) -> str | None:
        """A text that is not empty, or None."""
        value = self._take(name)
        return self._text(name, value) if value is not None else None

    def whole(self, name: str, bounds: IntegerRange, default: int | None = None) -> int:
        """An integer within bounds; required without a default."""
        value = self._required(name) if default is None else self._take(name)
        number = self._whole(name, value, bounds) if value is not None else default
        return number if number is not None else 0

    def optional_whole(self, name: str, bounds: IntegerRange) -> int | None:
        """An integer within bounds, or None."""
        value = self._take(name)
        return self._whole(name, value, bounds) if value is not None else None

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false; required without a default."""
        value = self._required(name) if default is None else self._take(name)
        if value is None:
            return bool(default)
        if not isinstance(value, bool):
            self.note(name, "must be true or false")
        return value is True

    def day(self, name: str) -> date:
        """A required date."""
        value = self._required(name)
        return self._day(name, value) or date.min

    def optional_day(self, name: str) -> date | None:
        """A date, or None."""
        return self._day(name, self._take(name))

    def choice(self, name: str, kind: type[ChoiceT]) -> ChoiceT:
        """A required word of `kind`."""
        value = self._required(name)
        return (self._choice(name, value, kind) if value is not None else None) or next(iter(kind))

    def choices(self, name: str, kind: type[ChoiceT]) -> frozenset[ChoiceT]:
        """A set of words of `kind`, empty when absent; a word may be there once only."""
        found = [self._choice(f"{name}[{index}]", value, kind) for index, value in enumerate(self._array(name))]
        for index, word in enumerate(found):
            if word is not None and word in found[:index]:
                self.note(f"{name}[{index}]", "repeated")
        return frozenset(word for word in found if word is not None)

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of texts, empty when absent."""
        return tuple(self._text(f"{name}[{index}]", value) for index, value in enumerate(self._array(name)))

    def entries(self, name: str, required: bool = False) -> Iterator["Fields"]:
        """The objects of an array, empty when absent; each is finished after its turn."""
        if required and not self.has(name):
            self._required(name)
            return
        for index, value in enumerate(self._array(name)):
            fields = Fields(value, self.at(f"{name}[{index}]"), self._problems)
            if value is None:
                self.note(f"{name}[{index}]", "must be an object")
            if fields.is_object:
                yield fields
                fields.finish()

    def nested(self, name: str) -> "Fields":
        """A required object; its fields are unknown until they are asked for, and it is finished by its reader."""
        return Fields(self._required(name), self.at(name), self._problems)

    def rest(self) -> dict[str, object]:
        """All values by name, for a reader with rules of its own."""
        self._unread.clear()
        return dict(self._values)

    def _unique(self, value: object) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        if isinstance(value, Pairs):
            return self._without_repeated(value)
        if value is not None:
            self._problems.note(self.place, "must be an object")
        return {}

    def _without_repeated(self, pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, value in pairs:
            if name in values:
                self.note(name, "repeated field")
            values.setdefault(name, value)
        return values

    def _take(self, name: str) -> object:
        self._unread.discard(name)
        return self._values.get(name)

    def _required(self, name: str) -> object:
        value = self._take(name)
        if value is None and self.is_object:
            self.note(name, "is required")
        return value

    def _array(self, name: str) -> list[object]:
        value = self._take(name)
        if value is None:
            return []
        if isinstance(value, Pairs) or not isinstance(value, list):
            self.note(name, "must be an array")
            return []
        return value

    def _text(self, name: str, value: object) -> str:
        if isinstance(value, str) and value.strip() and _is_unicode(value):
            return value
        self.note(name, "must be a text that is not empty")
        return ""

    def _whole(self, name: str, value: object, bounds: IntegerRange) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(name, "must be an integer")
            return None
        if not bounds.hold(value):
            self.note(name, str(bounds))
            return None
        return value

    def _day(self, name: str, value: object) -> date | None:
        if value is None:
            return None
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.note(name, "must be a date, YYYY-MM-DD")
        return None

    def _choice(self, name: str, value: object, kind: type[ChoiceT]) -> ChoiceT | None:
        words = [word.value for word in kind]
        if isinstance(value, str) and value in words:
            return kind(value)
        self.note(name, f"must be one of {', '.join(words)}")
        return None


def _is_unicode(text: str) -> bool:
    """A lone surrogate, which JSON can spell, cannot be written anywhere."""
    return text.isprintable() or not any("\ud800" <= character <= "\udfff" for character in text)
