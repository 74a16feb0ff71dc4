"""Which places of work are within which learners' reach (MARKET.md section 6). Every distance is measured once."""

from collections.abc import Sequence

import numpy as np

from matching.domain.engine.arrays import Flags, grown
from matching.domain.engine.learner_table import Place
from matching.domain.engine.opening_table import ANYWHERE
from reference.places import Places


class Coverage:
    """A table of the learners' ZIPs by points of work, extended to both lists on demand; point None is remote work."""

    def __init__(self, places: Places, where: Sequence[Place], points: Sequence[str | None]) -> None:
        self._places, self._where, self._points = places, where, points
        self.forget()

    def forget(self) -> None:
        """Forget the table, because places and points have new numbers."""
        self._zips: dict[str, int] = {}
        self._zip = np.zeros(0, np.int32)
        self._reach_m = np.zeros(0, np.int64)
        self._remote = np.zeros(0, np.bool_)
        self._metres = np.zeros((0, 0), np.int32)
        self._rows = self._columns = 0

    def of_place(self, place: int) -> Flags:
        """By point, whether it is within the reach of a place."""
        self._refresh()
        covered: Flags = self._metres[self._zip[place], : self._columns] <= self._reach_m[place]
        covered[ANYWHERE : ANYWHERE + 1] = self._remote[place]
        return covered

    def of_point(self, point: int) -> Flags:
        """By place, whether the point is within its reach."""
        self._refresh()
        places = slice(0, self._rows)
        if point == ANYWHERE:
            return self._remote[places]
        covered: Flags = self._metres[self._zip[places], point] <= self._reach_m[places]
        return covered

    def of_zip(self, zip_code: str) -> Flags:
        """By place, whether a ZIP that may be no point is within its reach."""
        self._refresh()
        distance_m, places = self._places.distance_m, slice(0, self._rows)
        metres = np.fromiter((distance_m(each, zip_code) for each in self._zips), np.int64, len(self._zips))
        covered: Flags = metres[self._zip[places]] <= self._reach_m[places]
        return covered

    def reaches(self, place: int, point: int) -> bool:
        """Whether one point is within the reach of one place."""
        self._refresh()
        return bool(self._remote[place] if point == ANYWHERE else self._metres[self._zip[place], point] <= self._reach_m[place])

    def _refresh(self) -> None:
        if self._rows == len(self._where) and self._columns == len(self._points):
            return
        self._note_places()
        self._metres = grown(self._metres, len(self._points))
        columns = slice(self._columns, len(self._points))
        for zip_code, number in self._zips.items():
            self._metres[number, columns] = self._distances(zip_code, columns)
        self._columns = len(self._points)

    def _note_places(self) -> None:
        """New zips are measured to the points that there were."""
        for name in ("_zip", "_reach_m", "_remote"):
            setattr(self, name, grown(getattr(self, name), len(self._where)))
        for number, place in enumerate(self._where[self._rows :], start=self._rows):
            known = len(self._zips)
            self._zip[number] = zip_number = self._zips.setdefault(place.zip, known)
            self._reach_m[number], self._remote[number] = 1000 * place.reach_km, place.remote_ok
            if zip_number == known:
                self._metres = grown(self._metres, known + 1, axis=0)
                self._metres[known, : self._columns] = self._distances(place.zip, slice(0, self._columns))
        self._rows = len(self._where)

    def _distances(self, zip_code: str, columns: slice) -> list[int]:
        distance_m = self._places.distance_m
        return [0 if point is None else distance_m(zip_code, point) for point in self._points[columns]]
