"""The demand side: employers and their openings, in proportion to BLS employment and around BLS median wages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from random import Random

from demo.market.atlas import Atlas, GroupTemplate, Region, Work
from demo.market.chance import days_from, dice, weighted
from demo.market.drafts import EmployerDraft, GroupDraft, OpeningDraft
from demo.market.plan import MarketPlan, Shares, apportion

#: A cell needs three employers before anything is said of it (MARKET.md section 12).
FEWEST_EMPLOYERS = 4
OPENINGS_AN_EMPLOYER = 4
#: Work that is done at a desk, and so now and then from anywhere.
_DESK_WORK = frozenset({"17-3023", "17-3024", "17-3026", "51-9162"})
_POSITIONS = {1: 40, 2: 25, 3: 12, 4: 9, 5: 6, 6: 4, 8: 4}
_SHIFTS = {(): 20, ("day",): 40, ("day", "evening"): 12, ("evening",): 8, ("night",): 8, ("rotating",): 8, ("weekend",): 4}


@dataclass(frozen=True, slots=True)
class _Times:
    closes_on: date | None
    start_by: date | None


class Demand:
    """The employers and openings of a plan."""

    def __init__(self, plan: MarketPlan, atlas: Atlas) -> None:
        self._plan = plan
        self._regions = [atlas.region(code) for code in plan.regions]
        self._employment = {region: region.employment for region in self._regions}
        self._shares = Shares(plan.openings, self._regions)
        self._occupations = lru_cache(maxsize=2)(self._deal_occupations)

    def employers(self) -> Iterator[EmployerDraft]:
        numbered = ((region, n) for region in self._regions for n in range(self._employers_of(region)))
        for number, (region, n) in enumerate(numbered, 1):
            yield EmployerDraft(_employer_key(region, n), f"Synthetic Works {number}", region.code)

    def openings(self) -> Iterator[OpeningDraft]:
        for index in range(self._plan.openings):
            region, place = self._shares.place(index)
            yield self._opening(index, region, self._occupations(region)[place])

    def another_opening(self, index: int, day: date) -> OpeningDraft:
        """An opening that comes later, `index` from the plan's size on: regions and occupations by employment."""
        rng = dice(self._plan.seed, "later opening", index)
        region = weighted(rng, self._employment)
        work = weighted(rng, {work: work.employment for work in region.work})
        return self._opening(index, region, work, day)

    def _employers_of(self, region: Region) -> int:
        return max(FEWEST_EMPLOYERS, -(-self._shares.of(region.code) // OPENINGS_AN_EMPLOYER))

    def _deal_occupations(self, region: Region) -> list[Work]:
        """The occupation of each of the region's openings, in a mixed order."""
        counts = apportion(self._shares.of(region.code), [work.employment for work in region.work])
        dealt = [work for work, count in zip(region.work, counts, strict=True) for _ in range(count)]
        dice(self._plan.seed, "occupations", region.code).shuffle(dealt)
        return dealt

    def _opening(self, index: int, region: Region, work: Work, day: date | None = None) -> OpeningDraft:
        rng = dice(self._plan.seed, "opening", index)
        employer = _employer_key(region, rng.randrange(self._employers_of(region)))
        remote = work.occupation.soc in _DESK_WORK and rng.random() < 0.25
        positions = weighted(rng, _POSITIONS)
        times = _times(rng, day or self._plan.day)
        wage_min, wage_max = _wages(rng, work.median_cents)
        return OpeningDraft(
            key=f"opening-{index + 1:06d}",
            employer=employer,
            region=region.code,
            title=work.occupation.title,
            occupation=work.occupation.soc,
            zip=None if remote else self._site(employer, region, rng),
            remote=remote,
            positions=positions,
            filled=rng.randrange(positions) if rng.random() < 0.15 else 0,
            start_by=times.start_by,
            closes_on=times.closes_on,
            shifts=weighted(rng, _SHIFTS),
            wage_min=wage_min,
            wage_max=wage_max,
            groups=_groups(rng, rng.choice(work.occupation.templates)),
        )

    def _site(self, employer: str, region: Region, rng: Random) -> str:
        """Most openings of an employer are at one place."""
        home = dice(self._plan.seed, "site", employer).choice(region.zips)
        return home if rng.random() < 0.75 else rng.choice(region.zips)


def _employer_key(region: Region, number: int) -> str:
    return f"employer-{region.code}-{number + 1:03d}"


def _times(rng: Random, day: date) -> _Times:
    """Some close within days, so that the demo sees openings expire."""
    if rng.random() < 0.15:
        closes_on = None
    elif rng.random() < 0.06:
        closes_on = days_from(day, rng, 0, 2)
    else:
        closes_on = days_from(day, rng, 7, 75)
    start_by = days_from(closes_on or day, rng, 5, 40) if rng.random() < 0.6 else None
    return _Times(closes_on, start_by)


def _wages(rng: Random, median_cents: int) -> tuple[int | None, int | None]:
    """A range around the median, in whole quarters of a dollar; some employers say nothing."""
    if rng.random() < 0.12:
        return None, None
    low = _quarters(median_cents * rng.uniform(0.82, 1.0))
    return low, _quarters(low * rng.uniform(1.08, 1.35))


def _quarters(cents: float) -> int:
    return round(cents / 25) * 25


def _groups(rng: Random, template: tuple[GroupTemplate, ...]) -> tuple[GroupDraft, ...]:
    return tuple(_group(rng, place, group) for place, group in enumerate(template, 1))


def _group(rng: Random, place: int, group: GroupTemplate) -> GroupDraft:
    required = group.necessity == "required"
    return GroupDraft(
        id=f"g{place}",
        necessity=group.necessity,
        any_of=group.any_of,
        weight=1 if required else rng.choice((1, 1, 2, 3)),
        verified_only=required and rng.random() < 0.08,
    )
