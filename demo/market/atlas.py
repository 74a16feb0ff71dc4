"""The reference tables that the demo market is made of: `shared/reference/reference/README.md` says where they come from.

Occupations, works and regions are compared by identity: there is one of each, and their hashes are asked for often.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

_NATION = "US"
#: BLS withholds the median of some occupations in some areas; the national one stands in.
_WITHHELD = "-"


class UnknownRegion(ValueError):
    """A region that the demo cannot fill; the message says why."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One form of a requirement: a credential, or a competency at a level."""

    credential: str | None = None
    competency: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class GroupTemplate:
    necessity: str
    any_of: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Occupation:
    """An O*NET-SOC occupation and the requirement sets that are typical of it."""

    soc: str
    title: str
    templates: tuple[tuple[GroupTemplate, ...], ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """What the generator needs to know of a definition. `levels` are the competencies that it confers on its own."""

    id: str
    issuer: str
    valid_months: int | None
    training_weeks: int | None
    implies: tuple[str, ...]
    composed_of: tuple[str, ...]
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """How many do an occupation in a region, and their median wage in US cents an hour."""

    occupation: Occupation
    employment: int
    median_cents: int


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A labour market with its ZIP codes and its work, in the order of the tables."""

    code: str
    name: str
    zips: tuple[str, ...]
    work: tuple[Work, ...]

    @property
    def employment(self) -> int:
        """Workers in the occupations that have templates."""
        return sum(work.employment for work in self.work)


@dataclass(frozen=True, slots=True)
class Atlas:
    """Everything that the generator draws from. `catalog` is the reference catalog as it was read."""

    regions: Mapping[str, Region]
    credentials: Mapping[str, Credential]
    catalog: Mapping[str, Any]

    @property
    def issuers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(credential.issuer for credential in self.credentials.values()))

    def region(self, code: str) -> Region:
        """Raises UnknownRegion."""
        if code not in self.regions:
            raise UnknownRegion(f"{code!r} is not a metropolitan area whose employment BLS publishes")
        return self.regions[code]


@lru_cache(maxsize=1)
def load_atlas() -> Atlas:
    """The reference tables, read once."""
    catalog = json.loads(_text("catalog.json"))
    return Atlas(_regions(), _credentials(catalog), catalog)


def _text(name: str) -> str:
    return (resources.files("reference") / name).read_text(encoding="utf-8")


def _rows(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(_text(name).splitlines())


def _regions() -> dict[str, Region]:
    """The metropolitan areas of BLS's table. Occupations that it leaves out there have no openings there."""
    zips: dict[str, list[str]] = {}
    for row in _rows("zip_regions.csv"):
        zips.setdefault(row["region"], []).append(row["zip"])
    occupations = _occupations()
    rows = [row for row in _rows("oews_manufacturing.csv") if row["soc"] in occupations]
    national = {row["soc"]: row["hourly_median_usd"] for row in rows if row["region"] == _NATION}
    names: dict[str, str] = {}
    work: dict[str, list[Work]] = {}
    for row in rows:
        if row["region"] != _NATION:
            names[row["region"]] = row["area_name"]
            median = row["hourly_median_usd"] if row["hourly_median_usd"] != _WITHHELD else national[row["soc"]]
            found = Work(occupations[row["soc"]], int(row["employment"]), round(float(median) * 100))
            work.setdefault(row["region"], []).append(found)
    return {code: Region(code, names[code], tuple(zips[code]), tuple(work[code])) for code in sorted(work)}


def _occupations() -> dict[str, Occupation]:
    found = {}
    for entry in json.loads(_text("occupations.json")):
        templates = tuple(tuple(_group(group) for group in groups) for groups in entry["typical_requirements"])
        found[entry["soc"]] = Occupation(entry["soc"], entry["title"], templates)
    return found


def _group(entry: Mapping[str, Any]) -> GroupTemplate:
    return GroupTemplate(entry["necessity"], tuple(Alternative(**form) for form in entry["any_of"]))


def _credentials(catalog: Mapping[str, Any]) -> dict[str, Credential]:
    return {entry["id"]: _credential(entry) for entry in catalog["credentials"]}


def _credential(entry: Mapping[str, Any]) -> Credential:
    return Credential(
        id=entry["id"],
        issuer=entry["issuer"],
        valid_months=entry.get("valid_months"),
        training_weeks=entry.get("training_weeks"),
        implies=tuple(entry.get("implies", ())),
        composed_of=tuple(entry.get("composed_of", ())),
        levels={conferral["competency"]: conferral["level"] for conferral in entry.get("confers", ())},
    )
