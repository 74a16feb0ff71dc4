"""Market files with mistakes, and with what looks like one: any value, anywhere, as text."""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from matching.adapters.market_file.problems import Pairs, parse_json

ODD: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 6, 11, 301, 10**20, -(10**20), 10**4400, 2.0, 1e2, float("nan"), -0.0),
    *("", " ", "\u2003", "x", "5", "true", "null", "\ud800", "\ud83d\ude00", "00000", 'a":1', '\\":', "\\", "\x00", "\x7f"),
    *("2026-02-30", "2026-1-01", "20261120", "2026-W01-1", "2026-11-20T00:00:00", "0000-01-01", "２０２６-11-20"),
    *([], [None], [[]], ["day", "day"], Pairs(), Pairs([("a", 1), ("a", 2)]), Pairs([("credential", "cert:0")])),
)
"""What a field may hold by mistake, or to deceive."""
NAMES = ("colour", 'a":', "\\")
SPACES = ("", " ", "\n\t", " \r ")
BLEMISHES = ("\x00", "\x0b", ",", "}", "//", "\ufeff", "\xa0")


class Damage:
    """Spoils a market file here and there, as a random source says."""

    def __init__(self, rng: Random, document: object) -> None:
        self._rng = rng
        self._tree: Any = parse_json(json.dumps(document))
        self._values: dict[str, list[Any]] = {}
        for container in _containers(self._tree):
            for name, value in _named(container):
                self._values.setdefault(name, []).append(value)

    def text(self) -> str:
        """The file after a few changes, most of which break it."""
        for _ in range(self._rng.choice([0, 1, 1, 1, 1, 2])):
            listed = (value for name, value in self._tree if name in ("openings", "learners"))
            subjects = [value for value in listed if isinstance(value, list)]
            self._change(self._rng.choice(list(_containers(self._rng.choice([self._tree, *subjects])))))
        text = self._text(self._tree)
        if self._rng.random() < 0.05:
            place = self._rng.randint(0, len(text))
            return text[:place] + self._rng.choice(BLEMISHES) + text[place + self._rng.randint(0, 1) :]
        return text

    def _change(self, container: list[Any]) -> None:
        place = self._rng.randint(0, len(container))
        change = self._rng.choice(["insert", "drop", "repeat", "replace", "replace", "replace"])
        if change == "insert" or place == len(container):
            container.insert(place, self._entry(container, self._rng.choice([*self._values, *NAMES])))
        elif change == "drop":
            del container[place]
        elif change == "repeat":
            container.insert(self._rng.randint(0, len(container)), deepcopy(container[place]))
        else:
            container[place] = self._entry(container, _named(container)[place][0])

    def _entry(self, container: list[Any], name: str) -> Any:
        """An odd value, or one that the file has under that name."""
        value = deepcopy(self._rng.choice(self._values[name] if name in self._values and self._rng.random() < 0.4 else ODD))
        return (name, value) if isinstance(container, Pairs) else value

    def _text(self, value: object) -> str:
        if isinstance(value, Pairs):
            return "{" + ",".join(f"{self._name(name)}{self._space()}:{self._text(each)}" for name, each in value) + "}"
        if isinstance(value, list):
            return "[" + ",".join(self._text(each) for each in value) + "]"
        return f"{self._space()}{_leaf(value)}{self._space()}"

    def _name(self, name: str) -> str:
        spelt = "".join(f"\\u{ord(each):04x}" for each in name)
        return self._space() + (f'"{spelt}"' if self._rng.random() < 0.01 else json.dumps(name))

    def _space(self) -> str:
        return self._rng.choice(SPACES) if self._rng.random() < 0.05 else ""


def _leaf(value: object) -> str:
    """JSON of a leaf; an integer of thousands of digits has no text in Python."""
    return "1" + "0" * 4400 if isinstance(value, int) and value == 10**4400 else json.dumps(value)


def _named(container: list[Any]) -> list[tuple[str, Any]]:
    return container if isinstance(container, Pairs) else [("", value) for value in container]


def _containers(value: object) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
        for _, each in _named(value):
            yield from _containers(each)
