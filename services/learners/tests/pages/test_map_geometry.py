"""The geometry of the map of demand."""

import re
from itertools import pairwise
from math import isclose, pi

import pytest

from learners.adapters.demand_repository import ForemostCell
from learners.domain.signal import LEVELS
from learners.entrypoints.demand_map import WHOLE, MapFrame, demand_map, frame_around, frame_near, shape
from learners.entrypoints.map_labels import map_labels, short_name
from reference.map_points import HEIGHT, WIDTH, MapPoint

A, B, C = MapPoint(800, 200), MapPoint(820, 210), MapPoint(100, 500)


def within_the_map(frame: MapFrame) -> bool:
    right, below = frame.x + frame.width, frame.y + frame.height
    return frame.x >= 0 and frame.y >= 0 and right <= WIDTH + 0.1 and below <= HEIGHT + 0.1


@pytest.mark.parametrize("corner", [MapPoint(0, 0), MapPoint(WIDTH - 1, HEIGHT - 1), A], ids=str)
def test_a_near_frame_shows_its_point_and_stays_on_the_map(corner: MapPoint) -> None:
    frame = frame_near(corner)
    assert frame.shows(corner) and within_the_map(frame) and frame.width < WIDTH / 4


def test_a_frame_shows_all_points_and_some_of_what_is_around_them() -> None:
    frame = frame_around([A, B])
    assert frame.shows(A) and frame.shows(B) and within_the_map(frame) and frame.width < WIDTH / 2
    assert frame_around([A, C]) == WHOLE == frame_around([])


def test_a_demand_four_times_as_large_has_four_times_the_area() -> None:
    cells = {each: ForemostCell(each, "balanced", "s", demand, 1) for each, demand in (("a", 8000), ("b", 2000), ("c", 1))}
    drawn = demand_map(WHOLE, ["a", "b", "c", "d"], cells, {"a": A, "b": B, "c": C, "d": C})
    radii = [float(re.findall(r"a([\d.]+)", each.path)[0]) for each in drawn.symbols]
    assert [each.cell.region for each in drawn.symbols] == ["a", "b", "c"], "small ones lie above large ones"
    assert isclose(radii[0], 2 * radii[1]) and radii[2] > 5, "none is too small to be seen"
    assert drawn.has_enlarged and not demand_map(WHOLE, ["a", "b"], cells, {"a": A, "b": B}).has_enlarged
    assert drawn.largest == 8000 and list(drawn.bare) == ["d"]


def test_symbols_have_the_same_size_on_the_screen_from_near_and_far() -> None:
    cells = {"a": ForemostCell("a", "severe", "s", 8000, 1)}
    near, far = (demand_map(frame, ["a"], cells, {"a": A}).symbols[0] for frame in (frame_near(A), WHOLE))
    assert isclose(near.touched / frame_near(A).width, far.touched / WIDTH, rel_tol=0.01)


def test_what_lies_outside_the_frame_is_left_out() -> None:
    """Guards: a link that a keyboard reaches and nobody sees."""
    cells = {each: ForemostCell(each, "severe", "s", 1000, 1) for each in ("a", "c")}
    assert [each.cell.region for each in demand_map(frame_near(A), ["a", "c"], cells, {"a": A, "c": C}).symbols] == ["a"]


def test_every_level_has_a_shape_of_its_own_with_the_same_area() -> None:
    paths = {level: shape(level, A, 10) for level in LEVELS}
    assert len({*paths.values()}) == len(LEVELS) - 1, "only the two circles are alike, and one of them is not filled"
    for level in ("severe", "shortage", "surplus"):
        assert isclose(sum(map(area, re.findall(r"M[^z]+z", paths[level]))), pi * 100, rel_tol=0.01), level


def area(triangle: str) -> float:
    """Of a triangle that is drawn as a start, a slope and a level line."""
    x, y, across, down, base = (float(each) for each in re.findall(r"-?[\d.]+", triangle))
    corners = [(x, y), (x + across, y + down), (x + across + base, y + down), (x, y)]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(corners))) / 2


def test_names_stand_where_there_is_room_and_on_no_symbol() -> None:
    """Guards: names over each other, and half a name at the edge."""
    edge, beside = MapPoint(WIDTH - 20, 300), MapPoint(A.x + 30, A.y)
    points = {"a": A, "beside": beside, "edge": edge}
    cells = {each: ForemostCell(each, "shortage", "s", 8000, 1) for each in points}
    labels = map_labels(demand_map(WHOLE, [*points], cells, points), dict.fromkeys(points, "Springfield, MA"))
    assert [(each.text, each.anchor) for each in labels] == [
        ("Springfield", "end"),
        ("Springfield", "start"),
        ("Springfield", "end"),
    ]
    crowd = {str(each): MapPoint(400 + each, 300) for each in range(200)}
    cells = {each: ForemostCell(each, "shortage", "s", 8000, 1) for each in crowd}
    assert len(map_labels(demand_map(WHOLE, [*crowd], cells, crowd), dict.fromkeys(crowd, "Springfield, MA"))) <= 2


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Cleveland, OH", "Cleveland"),
        ("Winston-Salem, NC", "Winston-Salem"),
        ("New York-Newark-Jersey City, NY-NJ-PA", "New York"),
        ("AK outside metropolitan and micropolitan areas", "rest of AK"),
    ],
)
def test_a_name_on_the_map_is_short(name: str, short: str) -> None:
    assert short_name(name) == short
