"""What is wrong with a JSON document, and where."""

import json
from dataclasses import dataclass
from typing import cast

_ROOT = "document"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One broken rule and its place, such as ``openings[3].groups[0].any_of[1].level``."""

    place: str
    rule: str


class Problems:
    """What is wrong with a document so far."""

    def __init__(self) -> None:
        self.found: list[FieldProblem] = []
        self._places: set[str] = set()

    def note(self, place: str, rule: str) -> None:
        """Remember a broken rule."""
        self.found.append(FieldProblem(place or _ROOT, rule))
        self._places.add(place)

    def sound(self, *places: str) -> bool:
        """Whether nothing was wrong at these places so far, so that their values can be compared."""
        return self._places.isdisjoint(places)


class Pairs(list[tuple[str, object]]):
    """A JSON object as it was written, repeated names included."""


def parse_json(text: str | bytes) -> object:
    """The document in `text`, its objects as `Pairs`; raises ValueError or RecursionError when it is not JSON."""
    return cast(object, json.loads(text, object_pairs_hook=Pairs))
