"""The openings and learners that the live phase moves, as they stand after the moves so far."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Generic, TypeVar

from demo.market.drafts import AwardDraft, LearnerDraft, OpeningDraft

Player = TypeVar("Player")

#: Of a large market only so many of each take part, so that a nation needs no more memory than a town.
MOST_PLAYERS = 20_000
_TRIES = 12


class Roster(Generic[Player]):
    """Players by key; drawing one at random costs the same however many there are."""

    def __init__(self, most: int = MOST_PLAYERS) -> None:
        self._most = most
        self._players: dict[str, Player] = {}
        self._keys: list[str] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Player]:
        return iter(self._players.values())

    def __contains__(self, key: str) -> bool:
        return key in self._players

    def add(self, key: str, player: Player) -> None:
        """One that finds the roster full stays out of the play."""
        if len(self._keys) < self._most and key not in self._players:
            self._players[key] = player
            self._places[key] = len(self._keys)
            self._keys.append(key)

    def update(self, key: str, player: Player) -> None:
        if key in self._players:
            self._players[key] = player

    def remove(self, key: str) -> None:
        """One that is not there is left alone."""
        if key not in self._players:
            return
        del self._players[key]
        place, last = self._places.pop(key), self._keys.pop()
        if last != key:
            self._keys[place] = last
            self._places[last] = place

    def draw(self, rng: Random, fit: Callable[[Player], bool]) -> Player | None:
        """A player that fits; None when a dozen tries found none."""
        for _ in range(_TRIES if self._keys else 0):
            player = self._players[rng.choice(self._keys)]
            if fit(player):
                return player
        return None


@dataclass(slots=True)
class Cast:
    """Who takes part."""

    openings: Roster[OpeningDraft]
    learners: Roster[LearnerDraft]

    def fill(self, opening: OpeningDraft, number: int) -> None:
        filled = opening.filled + number
        if filled >= opening.positions:
            self.openings.remove(opening.key)
        else:
            self.openings.update(opening.key, replace(opening, filled=filled))

    def change_award(self, learner: LearnerDraft, award: AwardDraft) -> None:
        awards = tuple(award if one.key == award.key else one for one in learner.awards)
        self.learners.update(learner.key, replace(learner, awards=awards))

    def add_award(self, learner: LearnerDraft, award: AwardDraft) -> None:
        self.learners.update(learner.key, replace(learner, awards=(*learner.awards, award)))


def empty_cast() -> Cast:
    return Cast(Roster(), Roster())
