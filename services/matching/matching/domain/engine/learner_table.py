"""The learners of a region as rows of small integers (MARKET.md section 4)."""

from array import array
from collections.abc import Iterator
from enum import IntEnum
from sys import intern
from typing import NamedTuple

import numpy as np

from contracts.vocabulary import Evidence
from matching.domain.engine.arrays import Flags, Ints, grown
from matching.domain.engine.calendar import NEVER, Calendar, learner_due
from matching.domain.engine.packing import Packer, shift_mask
from matching.domain.engine.skills import SkillSets
from matching.domain.market.subjects import MarketAward, MarketLearner, credentials_of
from matching.domain.rules.profile import Rules

UNKNOWN = -1
MOST_CENTS = 2**31 - 2
"""Wages above (21 million dollars an hour) compare as this."""
ABSENT_LAST = 2**24
"""The code of an absent `seeking_since`: after every date."""


class Trait(IntEnum):
    """What is compared of a learner, one integer each.

    HELD, VERIFIED and EXPECTED are numbers of skill sets; PLACE is one of `Places`; SHIFTS a mask, 0 for any; FLOOR and
    AVAILABLE are cents and an ordinal, UNKNOWN when absent; SINCE orders shortlists; DUE is an ordinal or NEVER.
    """

    HELD = 0
    VERIFIED = 1
    EXPECTED = 2
    PLACE = 3
    SHIFTS = 4
    FLOOR = 5
    AVAILABLE = 6
    SINCE = 7
    PARTICIPATES = 8
    HOME = 9
    DUE = 10


class Traits(NamedTuple):
    """The traits of one learner, in the order of `Trait`."""

    held: int
    verified: int
    expected: int
    place: int
    shifts: int
    floor: int
    available: int
    since: int
    participates: int
    home: int
    due: int


class Place(NamedTuple):
    """Where a learner is and how far work may be."""

    zip: str
    reach_km: int
    remote_ok: bool


class LearnerTable:
    """Slots are small integers, used again after a learner has gone; ids are in `ids`, empty for a free slot."""

    def __init__(self, region: str, skills: SkillSets) -> None:
        self._region = region
        self._skills = skills
        self._packer = Packer()
        self._packed: list[bytes] = []
        self._versions = array("q")
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._place_numbers: dict[Place, int] = {}
        self._traits = np.zeros((len(Trait), 0), np.int32)
        self.ids: list[str] = []
        self.places: list[Place] = []
        self.calendar = Calendar()

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[str]:
        return iter(self._slots)

    def slot(self, learner_id: str) -> int | None:
        """The slot of a learner, None when not here."""
        return self._slots.get(learner_id)

    def learner(self, learner_id: str) -> MarketLearner | None:
        """The learner as last put."""
        slot = self._slots.get(learner_id)
        return None if slot is None else self._packer.unpack(learner_id, self._packed[slot])

    def version(self, learner_id: str) -> int:
        """The version last put, 0 for a learner who is not here."""
        slot = self._slots.get(learner_id)
        return 0 if slot is None else self._versions[slot]

    def traits(self, slot: int) -> Traits:
        """The traits of a slot in use."""
        return Traits._make(self._traits[:, slot].tolist())

    def column(self, trait: Trait) -> Ints:
        """One trait of every slot; those of free slots do not participate and mean nothing."""
        return self._traits[trait, : len(self.ids)]

    def in_use(self) -> Flags:
        """By slot, whether a learner has it."""
        flags: Flags = np.ones(len(self.ids), np.bool_)
        flags[self._free] = False
        return flags

    def put(self, learner: MarketLearner, rules: Rules) -> int:
        """Take a learner, new or not; returns the slot."""
        slot = self._slots.get(learner.learner_id)
        if slot is None:
            slot = self._take_slot(learner.learner_id)
        self._packed[slot] = self._packer.pack(learner)
        self._versions[slot] = learner.version
        self._write(slot, self._derive(learner, rules))
        return slot

    def derive_again(self, slot: int, rules: Rules) -> None:
        """Bring the traits of a slot up to the rules and the day."""
        self._write(slot, self._derive(self._packer.unpack(self.ids[slot], self._packed[slot]), rules))

    def remove(self, learner_id: str) -> None:
        """Forget a learner whole."""
        slot = self._slots.pop(learner_id)
        self.calendar.drop(slot, int(self._traits[Trait.DUE, slot]))
        self._traits[:, slot] = 0
        self._packed[slot], self.ids[slot] = b"", ""
        self._free.append(slot)

    @property
    def numbers(self) -> int:
        """How many skill sets and places have a number, those that no learner has any more included."""
        return len(self._skills) + len(self.places)

    def renumber(self) -> None:
        """Forget the skill sets and places that no learner has any more; what remains has other numbers."""
        skills = [Trait.HELD, Trait.VERIFIED, Trait.EXPECTED]
        used, numbered = np.unique(np.append(self._traits[skills], 0), return_inverse=True)
        self._traits[skills] = numbered[:-1].reshape(len(skills), -1)
        self._skills.keep(used)
        used, numbered = np.unique(np.append(self._traits[Trait.PLACE], 0), return_inverse=True)
        self._traits[Trait.PLACE] = numbered[:-1]
        self.places[:] = [self.places[number] for number in used.tolist() if number < len(self.places)]
        self._place_numbers = {place: number for number, place in enumerate(self.places)}

    def _take_slot(self, learner_id: str) -> int:
        learner_id = intern(learner_id)
        if self._free:
            slot = self._free.pop()
            self.ids[slot] = learner_id
        else:
            slot = len(self.ids)
            self.ids.append(learner_id)
            self._packed.append(b"")
            self._versions.append(0)
            self._traits = grown(self._traits, slot + 1)
        self._slots[learner_id] = slot
        return slot

    def _write(self, slot: int, traits: Traits) -> None:
        before = int(self._traits[Trait.DUE, slot])
        if before != traits.due:
            self.calendar.drop(slot, before)
            self.calendar.put(slot, traits.due)
        self._traits[:, slot] = traits

    def _derive(self, learner: MarketLearner, rules: Rules) -> Traits:
        day, horizon, number = rules.day, rules.pipeline_end, self._skills.number
        in_force = [award for award in learner.awards if award.in_force_on(day)]
        expected = [award for award in learner.awards if award.expected_by(horizon)]
        held = number(credentials_of(in_force))
        return Traits(
            held=held,
            verified=number(credentials_of(_verified(in_force))),
            expected=number(credentials_of(in_force + expected)) if expected else held,
            place=self._place(Place(learner.zip, learner.reach_km, learner.remote_ok)),
            shifts=shift_mask(learner.shifts),
            floor=UNKNOWN if learner.wage_floor is None else min(learner.wage_floor, MOST_CENTS),
            available=UNKNOWN if learner.available_from is None else learner.available_from.toordinal(),
            since=ABSENT_LAST if learner.seeking_since is None else learner.seeking_since.toordinal(),
            participates=int(learner.participates),
            home=int(rules.places.point(learner.zip).region == self._region),
            due=learner_due(learner, day, rules.policy.pipeline_days) if learner.awards else NEVER,
        )

    def _place(self, place: Place) -> int:
        number = self._place_numbers.setdefault(place, len(self.places))
        if number == len(self.places):
            self.places.append(place)
        return number


def _verified(awards: list[MarketAward]) -> list[MarketAward]:
    return [award for award in awards if award.evidence == Evidence.VERIFIED]
