"""Which of the events about a learner are new, and which of those a provider is told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from learners.adapters.stored_versions import Key, StoredVersion


class Update(Protocol):
    """What holds after one event."""

    @property
    def key(self) -> Key: ...

    @property
    def version(self) -> int: ...

    @property
    def is_live(self) -> bool: ...


U = TypeVar("U", bound=Update)


def in_order(updates: Iterable[U]) -> Mapping[Key, Sequence[U]]:
    """By subject, each version once and in ascending order."""
    versions: dict[Key, dict[int, U]] = {}
    for update in updates:
        versions.setdefault(update.key, {}).setdefault(update.version, update)
    return {key: [known[number] for number in sorted(known)] for key, known in versions.items()}


def newer(updates: Mapping[Key, Sequence[U]], stored: Mapping[Key, StoredVersion]) -> Sequence[Sequence[U]]:
    """Those that are newer than what is stored, for each subject that has any."""
    fresh = ([one for one in each if one.version > stored.get(key, StoredVersion()).version] for key, each in updates.items())
    return [each for each in fresh if each]


def told(fresh: Sequence[U], stored: StoredVersion | None) -> Sequence[U]:
    """Without the end of what did not hold."""
    holds = [stored is not None and stored.is_live, *(each.is_live for each in fresh)]
    return [each for each, held_before in zip(fresh, holds, strict=False) if each.is_live or held_before]
