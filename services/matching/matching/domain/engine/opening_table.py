"""The live openings of a region as columns of small integers (MARKET.md sections 3, 5 and 8)."""

from dataclasses import dataclass, field

import numpy as np

from matching.domain.engine.arrays import Array, Flags, Ints, grown, widened
from matching.domain.engine.learner_table import MOST_CENTS
from matching.domain.engine.packing import shift_mask
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.groups import AskedGroup, AskedGroups, ask
from matching.domain.rules.scoring import FULL

NOTHING_ASKED = 0
"""The form number that everyone meets; it fills the places of shorter openings."""
CLOSED = 0
ANYWHERE = 0
"""The point number of remote openings."""
MOST_POSITIONS = 2**53
"""An opening with more counts as this many."""
ANY_DAY = 2**24
ANY_PAY = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Form:
    """What a group asks for, without its weight: openings share few distinct forms."""

    subjects: frozenset[str]
    verified_only: bool


@dataclass(slots=True)
class Wish:
    """The preferred, or the trainable, groups of every opening: forms and weights by place, and the total weight."""

    forms: Ints = field(default_factory=lambda: np.zeros((1, 0), np.int32))
    weights: Ints = field(default_factory=lambda: np.zeros((1, 0), np.int32))
    totals: Ints = field(default_factory=lambda: np.zeros(0, np.int32))

    def make_room(self, slots: int, groups: int) -> None:
        """Make room for this many openings and groups."""
        self.forms = widened(grown(self.forms, slots), groups)
        self.weights = widened(grown(self.weights, slots), groups)
        self.totals = grown(self.totals, slots)

    def put(self, slot: int, forms: list[int], weights: list[int]) -> None:
        """Take what an opening prefers; the total is 1 when it prefers nothing."""
        self.forms[:, slot], self.weights[:, slot] = NOTHING_ASKED, 0
        self.forms[: len(forms), slot], self.weights[: len(weights), slot] = forms, weights
        self.totals[slot] = sum(weights) or 1


class OpeningTable:
    """Slots are used again after an opening has closed. `log` names every slot that changed, in order.

    Openings that require the same forms share a number in `signature`; CLOSED is that of slots that are not live.
    """

    def __init__(self) -> None:
        self.slots: dict[str, int] = {}
        self.openings: list[MarketOpening | None] = []
        self.asked: list[AskedGroups] = []
        self.log: list[int] = []
        self.forms: list[Form] = [Form(frozenset(), verified_only=False)]
        self.points: list[str | None] = [None]
        self._form_numbers: dict[tuple[frozenset[str], bool], int] = {}
        self._point_numbers: dict[str, int] = {}
        self._free: list[int] = []
        self.live = np.zeros(0, np.uint8)
        self.point = np.zeros(0, np.int32)
        self.wage_max = np.zeros(0, np.int32)
        self.start_by = np.zeros(0, np.int32)
        self.shifts = np.zeros(0, np.uint8)
        self.remaining = np.zeros(0, np.int64)
        self.required = np.zeros((1, 0), np.int32)
        self.required_count = np.zeros(0, np.int32)
        self.preferred = Wish()
        self.trainable = Wish()
        self.divisor = np.zeros(0, np.int64)
        self.counts = np.zeros((3, 0), np.int32)
        self.any_verified_only = False
        self._by_remaining: tuple[Array, Array] | None = None
        self.signature = np.zeros(0, np.intp)
        self.signatures: list[tuple[int, ...]] = [()]
        self._signature_numbers: dict[tuple[int, ...], int] = {}
        self._verified_only = np.zeros(0, np.bool_)

    @property
    def room(self) -> int:
        """How many slots the columns have."""
        return int(self.live.shape[0])

    def opening(self, slot: int) -> MarketOpening:
        """The opening of a slot in use."""
        opening = self.openings[slot]
        assert opening is not None
        return opening

    def open(self, opening: MarketOpening, policy: Policy) -> int:
        """A slot for a live opening, without any counts yet."""
        asked = ask(opening.groups)
        slot = self._take_slot(len(asked.required), len(asked.preferred), len(asked.trainable))
        self.slots[opening.opening_id] = slot
        self.openings[slot], self.asked[slot] = opening, asked
        self.wage_max[slot] = ANY_PAY if opening.wage_max is None else min(opening.wage_max, MOST_CENTS)
        self.start_by[slot] = ANY_DAY if opening.start_by is None else opening.start_by.toordinal()
        self.shifts[slot] = shift_mask(opening.shifts)
        self.remaining[slot] = min(opening.remaining, MOST_POSITIONS)
        self._number(slot, opening, asked)
        weights = (policy.weight_preferred, policy.weight_trainable, policy.weight_evidence)
        defined = (asked.preferred, asked.trainable, asked.required)
        self.divisor[slot] = sum(weight for weight, groups in zip(weights, defined, strict=True) if groups)
        self.counts[:, slot] = 0
        self.live[slot] = 1
        self._note(slot)
        return slot

    def close(self, opening_id: str) -> int:
        """Free the slot of an opening; returns it."""
        slot = self.slots.pop(opening_id)
        self.openings[slot], self.asked[slot] = None, ask(())
        self.live[slot], self.signature[slot] = 0, CLOSED
        self.counts[:, slot] = 0
        self._free.append(slot)
        self._note(slot)
        return slot

    def by_remaining(self) -> tuple[Array, Array]:
        """The slots in use, most remaining positions first, then by opening id (section 11), and the ids with None behind.

        Found again after openings have changed: some milliseconds for ten thousand of them.
        """
        if self._by_remaining is None:
            ids = np.array([*sorted(self.slots), None], np.object_)
            slots = np.array([self.slots[opening_id] for opening_id in ids[:-1]], np.intp)
            order = np.argsort(-self.remaining[slots], kind="stable")
            self._by_remaining = slots[order], ids[np.append(order, len(order))]
        return self._by_remaining

    def form(self, group: AskedGroup) -> int:
        """The number of what a group asks for."""
        key = (group.subjects, group.group.verified_only)
        number = self._form_numbers.get(key)
        if number is None:
            number = self._form_numbers[key] = len(self.forms)
            self.forms.append(Form(*key))
            self.any_verified_only = self.any_verified_only or group.group.verified_only
        return number

    def known_point(self, zip_code: str | None) -> int | None:
        """The number of a place of work, None for one that no opening has had; no ZIP is remote work."""
        return ANYWHERE if zip_code is None else self._point_numbers.get(zip_code)

    @property
    def numbers(self) -> int:
        """How many forms, signatures and points have a number, those that no live opening has any more included."""
        return len(self.forms) + len(self.signatures) + len(self.points)

    def renumber(self) -> None:
        """Forget the forms, signatures and points of openings that have closed; what remains has other numbers."""
        for numbers in (self._form_numbers, self._signature_numbers, self._point_numbers):
            numbers.clear()
        del self.forms[1:], self.signatures[1:], self.points[1:]
        self._verified_only, self.any_verified_only = np.zeros(0, np.bool_), False
        for column in (self.required, self.preferred.forms, self.trainable.forms, self.point):
            column[...] = 0
        for slot in self.slots.values():
            self._number(slot, self.opening(slot), self.asked[slot])

    def verified_only(self) -> Flags:
        """By form number, whether it accepts nothing less than verified evidence."""
        if self._verified_only.shape[0] < len(self.forms):
            self._verified_only = np.array([form.verified_only for form in self.forms], np.bool_)
        return self._verified_only

    def _note(self, slot: int) -> None:
        self.log.append(slot)
        self._by_remaining = None

    def _number(self, slot: int, opening: MarketOpening, asked: AskedGroups) -> None:
        self.point[slot] = ANYWHERE if opening.zip is None else self._point(opening.zip)
        self.required[:, slot] = NOTHING_ASKED
        required = [self.form(group) for group in asked.required]
        self.required[: len(required), slot] = required
        self.signature[slot] = self._sign(tuple(required))
        self.required_count[slot] = len(asked.required)
        for wish, groups in ((self.preferred, asked.preferred), (self.trainable, asked.trainable)):
            wish.put(slot, [self.form(group) for group in groups], [group.group.weight for group in groups])

    def _sign(self, required: tuple[int, ...]) -> int:
        number = self._signature_numbers.setdefault(required, len(self.signatures))
        if number == len(self.signatures):
            self.signatures.append(required)
        return number

    def _point(self, zip_code: str) -> int:
        number = self._point_numbers.get(zip_code)
        if number is None:
            number = self._point_numbers[zip_code] = len(self.points)
            self.points.append(zip_code)
        return number

    def _take_slot(self, required: int, preferred: int, trainable: int) -> int:
        if not self._free:
            self._free.append(len(self.openings))
            self.openings.append(None)
            self.asked.append(ask(()))
        slot = self._free.pop()
        for name in ("live", "point", "wage_max", "start_by", "shifts", "remaining", "required_count", "divisor", "signature"):
            setattr(self, name, grown(getattr(self, name), slot + 1))
        self.required = widened(grown(self.required, slot + 1), required)
        self.counts = widened(grown(self.counts, slot + 1), required + 2)
        self.preferred.make_room(slot + 1, preferred)
        self.trainable.make_room(slot + 1, trainable)
        return slot


def scores(table: OpeningTable, slots: Array, rows: Array, met: Flags, verified: Flags, policy: Policy) -> Array:
    """The scores (0..10000) of people who qualify for the openings in `slots` (section 8).

    `met` and `verified` have one row for each person: by form number, whether it is met, and whether with verified evidence.
    `rows` has for each slot the row of its person.
    """
    preferred = policy.weight_preferred * _share(table.preferred, slots, rows, met)
    trainable = policy.weight_trainable * _share(table.trainable, slots, rows, met)
    count = table.required_count[slots]
    proven = verified[rows, table.required[:, slots]].sum(axis=0) - (table.required.shape[0] - count)
    evidence = policy.weight_evidence * (FULL * proven // np.maximum(count, 1))
    divisor = table.divisor[slots]
    return np.where(divisor == 0, FULL, (preferred + trainable + evidence) // np.maximum(divisor, 1))


def _share(wish: Wish, slots: Array, rows: Array, met: Flags) -> Array:
    weights = wish.weights[:, slots]
    share: Array = FULL * (weights * met[rows, wish.forms[:, slots]]).sum(axis=0, dtype=np.int64) // wish.totals[slots]
    return share
