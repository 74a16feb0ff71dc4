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

    def _sorted_in(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        if not len(self._hashes):
            return np.zeros(len(hashes), np.int64)
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        found: NDArray[np.int64] = np.where(self._hashes[places] == hashes, self._versions[places], 0)
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
