"""Occupation codes: O*NET-SOC 2019 on the Standard Occupational Classification of 2018, and what became of older codes."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import islice

SOC_LENGTH = len("51-4041")
_WHOLE = ".00"


@dataclass(frozen=True, slots=True)
class OccupationFinding:
    """What is to be said of a code: `code` is what it stands as now, None when it cannot be told; `successors` are all that an
    old code was split into, or the one that it became."""

    code: str | None
    successors: tuple[str, ...] = ()

    @property
    def replaced(self) -> bool:
        return self.code is not None and bool(self.successors)


class Occupations:
    """The codes in use, the titles of the whole ones, and the successors of those that are no longer."""

    def __init__(self, titles: Mapping[str, str], successors: Mapping[str, tuple[str, ...]]) -> None:
        self._titles = titles
        self._successors = successors

    def judge(self, code: str) -> OccupationFinding:
        """`code` is a SOC code, with or without an O*NET extension. An extension that O*NET no longer has falls back to the
        whole occupation, a retired code to its one successor; what was split, and what never was, has no code."""
        soc, extension = code[:SOC_LENGTH], code[SOC_LENGTH:]
        if soc in self._successors:
            now = tuple(_like(extension, successor) for successor in self._successors[soc])
            return OccupationFinding(now[0] if len(now) == 1 else None, now)
        if soc not in self._titles:
            return OccupationFinding(None)
        if extension in ("", _WHOLE) or code in self._titles:
            return OccupationFinding(code)
        return OccupationFinding(soc + _WHOLE, (soc + _WHOLE,))

    def title(self, code: str) -> str:
        """Of the whole occupation; empty when unknown."""
        return self._titles.get(code[:SOC_LENGTH], "")

    def named(self, words: str, most: int) -> list[tuple[str, str]]:
        """Up to `most` whole occupations with every word in their code or title, in any case: code and title, by code."""
        wanted = words.casefold().split()
        found = (
            (code, title)
            for code, title in sorted(self._titles.items())
            if len(code) == SOC_LENGTH and all(word in f"{code} {title}".casefold() for word in wanted)
        )
        return list(islice(found, most))


@lru_cache(maxsize=1)
def load_occupations() -> Occupations:
    """The reference table, read once."""
    rows = list(_rows())
    return Occupations(
        {row["code"]: row["title"] for row in rows if row["kind"] != "retired"},
        {row["code"]: tuple(row["successors"].split()) for row in rows if row["kind"] == "retired"},
    )


def _like(extension: str, soc: str) -> str:
    return soc + _WHOLE if extension else soc


def _rows() -> Iterator[dict[str, str]]:
    with (resources.files("reference") / "occupation_codes.csv").open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)
