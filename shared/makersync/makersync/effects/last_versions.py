"""The last version of each of millions of keys, in about twenty bytes per key."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

#: Recent versions stay in a dictionary until it exceeds LEAST entries or one SHARE-th of the sorted ones, whichever is more.
LEAST, SHARE = 1 << 16, 8


class LastVersions:
    """Versions by the hash of their key. Among ten million keys the odds of a 64-bit collision are about one in 370,000."""

    def __init__(self) -> None:
        self._hashes: NDArray[np.int64] = np.zeros(0, np.int64)
        self._versions: NDArray[np.int64] = np.zeros(0, np.int64)
        self._recent: dict[int, int] = {}

    def __len__(self) -> int:
        """The number of keys; a key that was updated since the last sort counts twice."""
        return len(self._hashes) + len(self._recent)

    def of(self, keys: Sequence[str]) -> list[int]:
        """The version of each key; 0 for an unknown key."""
        hashes = np.fromiter(map(hash, keys), np.int64, len(keys))
        known = self._sorted_in(hashes).tolist()
        return [self._recent.get(each, version) for each, version in zip(hashes.tolist(), known, strict=True)]

    def put(self, versions: Mapping[str, int]) -> None:
        """Set these versions, whatever they were before."""
        self._recent.update((hash(key), version) for key, version in versions.items())
        if len(self._recent) > max(LEAST, len(self._hashes) // SHARE):
            self._sort_in()

    def keys_behind(self) -> "KeysBehind":
        """A snapshot of the present versions; later changes do not affect it."""
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
        # The sort is stable, so the last of equal hashes is the newest.
        is_last = np.append(hashes[1:] != hashes[:-1], True)
        self._hashes, self._versions, self._recent = hashes[is_last], versions[is_last], {}


class KeysBehind:
    """The keys for which another place has not been shown to have at least the log's version: all at first, fewer after each
    `settle`."""

    def __init__(
        self, hashes: NDArray[np.int64], versions: NDArray[np.int64], is_open: NDArray[np.bool_], recent: dict[int, int]
    ) -> None:
        self._hashes, self._versions, self._is_open, self._recent = hashes, versions, is_open, recent

    def settle(self, versions: Mapping[str, int]) -> None:
        """The other place has these keys at these versions."""
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
    """The index at which each wanted hash is or would be inserted, and whether it is present."""
    if not len(ordered):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return places, ordered[places] == wanted
