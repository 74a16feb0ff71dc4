"""The last version of each of millions of keys, in some twenty bytes a key."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

#: What came last is in a dictionary of this size, or of an eighth of the rest where that is more.
LEAST, SHARE = 1 << 16, 8


class LastVersions:
    """Keys are known by their hash: that two of ten million share 64 bits has odds of one to some hundred thousand."""

    def __init__(self) -> None:
        self._hashes: NDArray[np.int64] = np.zeros(0, np.int64)
        self._versions: NDArray[np.int64] = np.zeros(0, np.int64)
        self._recent: dict[int, int] = {}

    def __len__(self) -> int:
        """How many keys there are, those that came again since they were sorted in counted twice."""
        return len(self._hashes) + len(self._recent)

    def of(self, keys: Sequence[str]) -> list[int]:
        """The version of each, 0 for a key that is not known."""
        hashes = np.fromiter(map(hash, keys), np.int64, len(keys))
        known = self._sorted_in(hashes).tolist()
        return [self._recent.get(each, version) for each, version in zip(hashes.tolist(), known, strict=True)]

    def put(self, versions: Mapping[str, int]) -> None:
        """Take these versions, whatever they were before."""
        self._recent.update((hash(key), version) for key, version in versions.items())
        if len(self._recent) > max(LEAST, len(self._hashes) // SHARE):
            self._sort_in()

    def tally(self) -> "KeysBehind":
        """Of what is known now; what comes later does not change it."""
        recent = {key: version for key, version in self._recent.items() if version}
        is_open = self._versions > 0
        again = np.fromiter(self._recent.keys(), np.int64, len(self._recent))
        places, is_known = _places(self._hashes, again)
        is_open[places[is_known]] = False
        return KeysBehind(self._hashes, self._versions, is_open, recent)

    def _sorted_in(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.zeros(len(hashes), np.int64)
        places, is_known = _places(self._hashes, hashes)
        found[is_known] = self._versions[places[is_known]]
        return found

    def _sort_in(self) -> None:
        count = len(self._recent)
        hashes = np.concatenate([self._hashes, np.fromiter(self._recent.keys(), np.int64, count)])
        versions = np.concatenate([self._versions, np.fromiter(self._recent.values(), np.int64, count)])
        order = np.argsort(hashes, kind="stable")
        hashes, versions = hashes[order], versions[order]
        # Of equal ones the later counts.
        is_last = np.append(hashes[1:] != hashes[:-1], True)
        self._hashes, self._versions, self._recent = hashes[is_last], versions[is_last], {}


class KeysBehind:
    """Which keys of a log another place does not know as new as the log does: all at first, fewer with each `settle`."""

    def __init__(
        self, hashes: NDArray[np.int64], versions: NDArray[np.int64], is_open: NDArray[np.bool_], recent: dict[int, int]
    ) -> None:
        self._hashes, self._versions, self._is_open, self._recent = hashes, versions, is_open, recent

    def settle(self, versions: Mapping[str, int]) -> None:
        """The other place knows these keys in these versions."""
        hashes = np.fromiter(map(hash, versions), np.int64, len(versions))
        known = np.fromiter(versions.values(), np.int64, len(versions))
        places, is_known = _places(self._hashes, hashes)
        settled = places[is_known]
        self._is_open[settled[self._versions[settled] <= known[is_known]]] = False
        for each, version in zip(hashes.tolist(), known.tolist(), strict=True):
            if self._recent.get(each, version + 1) <= version:
                del self._recent[each]

    @property
    def left(self) -> int:
        return int(np.count_nonzero(self._is_open)) + len(self._recent)


def _places(ordered: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each of the wanted is or would be, and whether it is there."""
    if not len(ordered):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return places, ordered[places] == wanted
