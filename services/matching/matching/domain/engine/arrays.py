"""Arrays that grow."""

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.signedinteger[Any]]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]

Slots = Array | slice
"""Some slots, or all."""
LEAST = 16


def grown(array: Array, size: int, axis: int = -1) -> Array:
    """`array` with room for at least `size` along `axis`, grown by half as often as needed; the new part is zero."""
    room = max(LEAST, array.shape[axis])
    while room < size:
        room += room // 2
    return widened(array, room, axis) if size > array.shape[axis] else array


def widened(array: Array, room: int, axis: int = 0) -> Array:
    """`array` with a length of `room` along `axis`, if it is shorter; the new part zero."""
    have = array.shape[axis]
    if room <= have:
        return array
    shape = list(array.shape)
    shape[axis] = room
    larger = np.zeros(shape, array.dtype)
    part = [slice(None)] * array.ndim
    part[axis] = slice(0, have)
    larger[tuple(part)] = array
    return larger


def places(flags: Flags) -> tuple[Array, Array]:
    """Rows and columns of what is set: `numpy.nonzero`, in half the time."""
    rows, columns = np.divmod(np.flatnonzero(flags), flags.shape[1])
    return rows, columns
