"""`docs/explanation/rooms.svg`: the rooms of the product and who imports whom, read off the imports themselves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import grimp

from tools.pages.drawing import Drawing, Spot

PACKAGES = ("makersync", "contracts", "reference", "openings", "learners", "matching", "demo")
SERVICES = ("openings", "learners", "matching")
#: Modules of the kit that stand alone and that every room of it may use.
GROUND = "clock, errors, settings ..."
Arrow = tuple[str, str]
Arrows = frozenset[Arrow]
#: The room that a module belongs to in a picture, None for one that the picture leaves out.
Rooms = Callable[[str], str | None]


class UnknownRoom(ValueError):
    """The code has a room for which the picture has no place; give it one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rooms with their places as (column, row)."""

    title: str
    room_of: Rooms
    spots: Mapping[str, Spot]

    def arrows(self) -> Arrows:
        """Who imports whom, without what follows from other arrows that go on from top to bottom. Raises UnknownRoom."""
        found = frozenset(_imports(self.room_of))
        if strange := {room for arrow in found for room in arrow} - self.spots.keys():
            raise UnknownRoom(f"{self.title}: {', '.join(sorted(strange))}")
        onwards = frozenset(arrow for arrow in found if self._rank(arrow[0]) < self._rank(arrow[1]))
        return found - {arrow for arrow in onwards if _follows(arrow, onwards)}

    def _rank(self, room: str) -> Spot:
        column, row = self.spots[room]
        return row, column


def _package(module: str) -> str | None:
    return module.partition(".")[0]


def _kit_room(module: str) -> str | None:
    top, _, rest = module.partition(".")
    if top != "makersync" or not rest:
        return None
    room = rest.partition(".")[0]
    return GROUND if room in _modules_of_the_kit() else room


def _service_room(module: str) -> str | None:
    top, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    return room if top in SERVICES and room not in ("", "migrations") else None


def _domain_room(module: str) -> str | None:
    rest = module.removeprefix("matching.domain.")
    return rest.partition(".")[0] if rest != module else None


PRODUCT = Picture(
    "The packages",
    _package,
    {
        "demo": (0, 0),
        "openings": (1, 0),
        "learners": (2, 0),
        "matching": (3, 0),
        "contracts": (1, 1),
        "reference": (2, 1),
        "makersync": (1.5, 2),
    },
)
KIT = Picture(
    "The kit (makersync)",
    _kit_room,
    {
        "cli": (0, 0),
        "runtime": (1, 0),
        "pages": (2, 0),
        "members": (2, 1),
        "oidc": (2, 2),
        "mail": (1, 2),
        "delivery": (1, 3),
        "feed": (1, 4),
        "http": (1, 5),
        "effects": (1, 6),
        "broker": (0.5, 7),
        "store": (1.5, 7),
        GROUND: (1, 8),
    },
)
SERVICE = Picture(
    "Every service",
    _service_room,
    {"bootstrap": (0, 0), "entrypoints": (0, 1), "adapters": (0, 2), "application": (0, 3), "domain": (0, 4)},
)
DOMAIN = Picture(
    "matching/domain",
    _domain_room,
    {
        "evaluation": (2, 0),
        "region": (2, 1),
        "indicators": (0, 2),
        "engine": (1, 2),
        "reach": (0, 3),
        "cells": (1, 3),
        "pathways": (2, 3),
        "explanation": (3, 3),
        "rules": (2, 4),
        "market": (2, 5),
    },
)


def architecture_picture() -> str:
    """The four pictures in one drawing."""
    drawing = Drawing()
    for picture, corner in ((PRODUCT, (0, 0)), (SERVICE, (4.4, 0)), (KIT, (0, 3.7)), (DOMAIN, (2.9, 5.7))):
        drawing.add(picture.title, picture.spots, sorted(picture.arrows()), corner)
    return drawing.svg("The rooms of Makersync. An arrow points from a room to one that it imports.")


@cache
def _modules_of_the_kit() -> frozenset[str]:
    graph = _graph()
    alone = (each for each in graph.find_children("makersync") if not graph.find_children(each))
    return frozenset(each.removeprefix("makersync.") for each in alone)


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def _imports(room_of: Rooms) -> Iterator[Arrow]:
    graph = _graph()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            arrow = room_of(module), room_of(imported)
            is_foreign = room_of is _service_room and _package(module) != _package(imported)
            if arrow[0] and arrow[1] and arrow[0] != arrow[1] and not is_foreign:
                yield arrow[0], arrow[1]


def _follows(arrow: Arrow, arrows: Arrows) -> bool:
    """Whether there is another way from the arrow's start to its end."""
    start, end = arrow
    reached: set[str] = set()
    ahead = {to for origin, to in arrows if origin == start and to != end}
    while ahead:
        reached |= ahead
        ahead = {to for origin, to in arrows if origin in reached} - reached
    return end in reached
