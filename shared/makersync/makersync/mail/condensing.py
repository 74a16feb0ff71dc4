"""Condenses entries to what they come to: of each subject one line, and none where all is as it was."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from makersync.feed.repository import Entry
from makersync.mail.offer import Family


class Condensed:
    """Takes entries in order, and knows what they come to. It keeps two for each subject and group of types."""

    def __init__(self, families: Sequence[Family], states: Sequence[Collection[str]] = ()) -> None:
        self._families = {name: family for family in families for name in family.types}
        self._groups = {
            name: number for number, types in enumerate([*(each.types for each in families), *states]) for name in types
        }
        self._spans: dict[tuple[str, int | str], tuple[Entry, Entry]] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            key = (entry.subject, self._groups.get(entry.type, entry.type))
            first, _ = self._spans.get(key, (entry, entry))
            self._spans[key] = first, entry

    def entries(self, types: Iterable[str]) -> list[Entry]:
        """What is left of these types, in the order of the last entries. What says nothing any more is left out."""
        wanted = frozenset(types)
        found = (self._outcome(first, last) for first, last in self._spans.values())
        told = [each for each in found if each is not None and each.type in wanted and each.data is not None]
        return sorted(told, key=lambda entry: entry.position)

    def _outcome(self, first: Entry, last: Entry) -> Entry | None:
        family = self._families.get(last.type)
        if family is None:
            return last
        is_new, is_over = first.type == family.begins, last.type == family.ends
        if is_new and is_over:
            return None
        return replace(last, type=family.begins if is_new else family.ends if is_over else family.changes)


def condensable(cadence: str, cadences: Mapping[str, str], types: Iterable[str]) -> list[str]:
    """The types that entries of a cadence are condensed with: its own, and those that are not told at all. What another mail
    has told cannot be taken back by silence."""
    return [name for name in types if cadences.get(name, cadence) == cadence]


def related(told: Collection[str], groups: Iterable[Collection[str]]) -> frozenset[str]:
    """The types that are told, and those of their groups: no other can change what they come to."""
    return frozenset(told).union(*(group for group in groups if not frozenset(told).isdisjoint(group)))
