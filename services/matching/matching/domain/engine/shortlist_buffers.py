"""The best learners of every live opening (MARKET.md section 9): enough of them that the next best is usually at hand.

A buffer keeps at most `width` learners, at least the K of the shortlist, and a bar: whoever qualifies and comes before the bar
is in the buffer. A buffer that falls below K while others qualify is short, and is filled again from the bitmaps.
"""

from collections.abc import Sequence

import numpy as np

from matching.domain.engine.arrays import Array, Ints, grown

LEAST_WIDTH = 24
"""Buffers have this width or a power of two times it: the narrowest that holds K and half as many again."""
NO_BAR = 2**62
SINCE_BITS = 32
Rank = tuple[int, str]


def order_keys(scores: Array, since: Array | int, full: int) -> Array:
    """Ascending keys are the order of a shortlist, up to the learner id (`matching.domain.rules.shortlist.order_key`)."""
    keys: Array = ((full - scores).astype(np.int64) << SINCE_BITS) | since
    return keys


class BufferPool:
    """Buffers of one width: keys and learner slots by row."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.keys = np.zeros((0, width), np.int64)
        self.people = np.full((0, width), -1, np.int32)
        self._free: list[int] = []
        self._used = 0

    def take(self) -> int:
        """An empty row."""
        if self._free:
            return self._free.pop()
        row, self._used = self._used, self._used + 1
        if row >= self.keys.shape[0]:
            self.keys = grown(self.keys, row + 1, axis=0)
            people = np.full((self.keys.shape[0], self.width), -1, np.int32)
            people[: self.people.shape[0]] = self.people
            self.people = people
        return row

    def give(self, row: int) -> None:
        """The row is empty again."""
        self.people[row] = -1
        self._free.append(row)


class ShortlistBuffers:
    """By opening slot. `ids` are the ids of the learner slots, which decide between equal keys."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids
        self._pools: list[BufferPool] = []
        self._pool = np.full(0, -1, np.int32)
        self._row = np.zeros(0, np.int32)
        self._count = np.zeros(0, np.int32)
        self._size = np.zeros(0, np.int32)
        self._listed_to = np.zeros(0, np.int64)
        self._bar_ids: dict[int, str] = {}
        self._places = np.zeros(0, np.int32)
        self.bar: Ints = np.zeros(0, np.int64)
        self.reordered: set[int] = set()
        self.short: set[int] = set()

    def open(self, slot: int, size: int) -> None:
        """An empty buffer for an opening whose shortlist has at most `size` entries; nobody else qualifies yet."""
        for name in ("_row", "_count", "_size", "_listed_to", "bar"):
            setattr(self, name, grown(getattr(self, name), slot + 1))
        if slot >= self._pool.shape[0]:
            pool = np.full(self._row.shape[0], -1, np.int32)
            pool[: self._pool.shape[0]] = self._pool
            self._pool = pool
        self._pool[slot] = self._pool_for(size)
        self._row[slot] = self._pools[self._pool[slot]].take()
        self._count[slot], self._size[slot] = 0, size
        self.bar[slot], self._listed_to[slot] = NO_BAR, NO_BAR
        self.reordered.add(slot)

    def close(self, slot: int) -> None:
        """The buffer of an opening that is no longer live."""
        self._empty(slot)
        self._pools[self._pool[slot]].give(int(self._row[slot]))
        self._pool[slot] = -1
        self.reordered.discard(slot)
        self.short.discard(slot)

    def width(self, slot: int) -> int:
        """How many learners the buffer keeps."""
        return int(self._pools[self._pool[slot]].width)

    def is_in_any(self, person: int) -> bool:
        """Whether a learner slot is in some buffer."""
        return person < self._places.shape[0] and bool(self._places[person])

    def with_person(self, person: int, slots: Array) -> list[int]:
        """Those of `slots` whose buffers have the learner."""
        found: list[int] = []
        pools = self._pool[slots]
        for number, pool in enumerate(self._pools):
            here = slots[pools == number]
            if here.size:
                found += here[(pool.people[self._row[here]] == person).any(axis=1)].tolist()
        return found

    def key(self, slot: int, person: int) -> int:
        """The key of a learner who is in the buffer."""
        keys, people = self._rows(slot)
        return int(keys[people == person][0])

    def enter(self, slot: int, person: int, key: int) -> None:
        """Put a learner who qualifies into the buffer, unless the learner's key is behind the bar."""
        if key > self.bar[slot] or (key == self.bar[slot] and self._ids[person] > self._bar_ids[slot]):
            return
        keys, people = self._rows(slot)
        count = int(self._count[slot])
        if count == people.shape[0]:
            count = self._trim(slot)
            if key > self.bar[slot] or (key == self.bar[slot] and self._ids[person] > self._bar_ids[slot]):
                return
        keys[count], people[count] = key, person
        self._count[slot] = count + 1
        self._stand(person, 1)
        self._note(slot, key)

    def leave(self, slot: int, person: int) -> None:
        """Take a learner who is in the buffer out of it."""
        keys, people = self._rows(slot)
        last = int(self._count[slot]) - 1
        place = int(np.flatnonzero(people == person)[0])
        self._note(slot, int(keys[place]))
        keys[place], people[place] = keys[last], people[last]
        people[last] = -1
        self._count[slot] = last
        self._stand(person, -1)
        if last < self._size[slot] and self.bar[slot] != NO_BAR:
            self.short.add(slot)

    def fill(self, slot: int, people: Array, keys: Array) -> None:
        """Fill the buffer from `people`: everybody who qualifies, or the best of them and at least one more than it keeps."""
        self._empty(slot)
        width = self.width(slot)
        if people.shape[0] > width:
            chosen = self._best(people, keys, width)
            people, keys = people[chosen], keys[chosen]
            self._set_bar(slot, (int(keys[-1]), self._ids[people[-1]]))
        on_keys, on_people = self._rows(slot)
        count = people.shape[0]
        on_keys[:count], on_people[:count] = keys, people
        self._count[slot] = count
        for person in people.tolist():
            self._stand(person, 1)
        self.reordered.add(slot)
        self.short.discard(slot)

    def listed(self, slot: int) -> list[int]:
        """The learner slots of the shortlist, best first."""
        keys, people = self._rows(slot)
        count, size = int(self._count[slot]), int(self._size[slot])
        order = self._best(people[:count], keys[:count], size)
        self._listed_to[slot] = int(keys[order[-1]]) if len(order) == size else NO_BAR
        return [int(person) for person in people[order]]

    def _pool_for(self, size: int) -> int:
        number, width = 0, LEAST_WIDTH
        while 2 * width < 3 * size:
            number, width = number + 1, 2 * width
        while number >= len(self._pools):
            self._pools.append(BufferPool(LEAST_WIDTH << len(self._pools)))
        return number

    def _rows(self, slot: int) -> tuple[Array, Array]:
        pool, row = self._pools[self._pool[slot]], self._row[slot]
        return pool.keys[row], pool.people[row]

    def _best(self, people: Array, keys: Array, most: int) -> list[int]:
        """The places of the best, best first; ids decide between equal keys."""
        if keys.shape[0] > 4 * most:
            cut = np.partition(keys, most)[most]
            near = np.flatnonzero(keys <= cut)
        else:
            near = np.arange(keys.shape[0])
        ids = self._ids
        ranked = sorted(zip(keys[near].tolist(), [ids[person] for person in people[near].tolist()], near.tolist(), strict=True))
        return [place for _, _, place in ranked[:most]]

    def _trim(self, slot: int) -> int:
        """Make room on a full buffer: the worse half of what is not listed goes, and the bar moves up."""
        keys, people = self._rows(slot)
        size = int(self._size[slot])
        keep: int = min(size + (people.shape[0] - size) // 2, people.shape[0] - 1)
        order = self._best(people, keys, people.shape[0])
        kept, gone = order[:keep], order[keep:]
        for person in people[gone].tolist():
            self._stand(person, -1)
        keys[:keep], people[:keep], people[keep:] = keys[kept], people[kept], -1
        self._count[slot] = keep
        self._set_bar(slot, (int(keys[keep - 1]), self._ids[people[keep - 1]]))
        return keep

    def _set_bar(self, slot: int, rank: Rank) -> None:
        self.bar[slot], self._bar_ids[slot] = rank

    def _empty(self, slot: int) -> None:
        _, people = self._rows(slot)
        for person in people[: int(self._count[slot])].tolist():
            self._stand(person, -1)
        people[:] = -1
        self._count[slot] = 0
        self.bar[slot] = NO_BAR
        self._bar_ids.pop(slot, None)

    def _stand(self, person: int, change: int) -> None:
        if person >= self._places.shape[0]:
            self._places = grown(self._places, person + 1)
        self._places[person] += change

    def _note(self, slot: int, key: int) -> None:
        """Note that the shortlist changed, unless the change is behind its last learner."""
        if key <= self._listed_to[slot]:
            self.reordered.add(slot)
