"""Remarks on terms that are accepted although a person would ask twice. A remark changes nothing; it says what to look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.vocabulary import Necessity
from makersync.remarks import Remark
from makersync.text import name_key
from openings.domain.opening import Terms
from openings.domain.opening_rules import ReferenceValues
from reference.places import REMOTE

#: A date further ahead is more often mistyped than meant.
FAR_AHEAD = timedelta(days=365)
#: Copies that get a remark of their own; the others are only counted.
MOST_COPIES = 3
#: The field that a remark on the pay names: the first of these that is given.
_TOLD_BY = {"far_below_median": ("wage_max", "wage_min"), "far_above_median": ("wage_min", "wage_max")}


@dataclass(frozen=True, slots=True)
class Posting:
    """Another opening of the same employer at the same place, with what shows whether it is a copy."""

    opening_id: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What terms are compared with: their region, the market's date, and the employer's open postings at the same place."""

    region: str
    today: date
    postings: Sequence[Posting] = ()


def remarks_on(
    sent: Terms, kept: Terms, filled: int, circumstances: Circumstances, reference_values: ReferenceValues
) -> list[Remark]:
    """All remarks on terms that have passed the rules. `sent` is what the caller sent, `kept` what is stored."""
    return [
        *_on_the_occupation(sent, kept, reference_values),
        *_on_the_pay(kept, circumstances.region, reference_values),
        *_on_the_dates(kept, circumstances.today),
        *_on_the_requirements(kept),
        *_on_the_filled(kept, filled),
        *_on_copies(kept, circumstances.postings),
    ]


def _on_the_occupation(sent: Terms, kept: Terms, reference_values: ReferenceValues) -> Iterator[Remark]:
    if kept.occupation is not None and sent.occupation != kept.occupation:
        title = reference_values.occupations.title(kept.occupation)
        yield Remark("occupation", "retired_occupation", f"the code is retired and was replaced by {kept.occupation} {title}")


def _on_the_pay(kept: Terms, region: str, reference_values: ReferenceValues) -> Iterator[Remark]:
    most, least = kept.wage_max or kept.wage_min, kept.wage_min or kept.wage_max
    if most is None or least is None:
        return
    medians = reference_values.medians
    median = medians.median(region, kept.occupation) if kept.occupation else None
    rule = medians.far_off(least, most, median)
    if rule is not None:
        field = next(name for name in _TOLD_BY[rule] if getattr(kept, name) is not None)
        yield Remark(field, rule, medians.words(rule, median))


def _on_the_dates(kept: Terms, today: date) -> Iterator[Remark]:
    for name in ("start_by", "closes_on"):
        day = getattr(kept, name)
        if day is not None and day - today > FAR_AHEAD:
            yield Remark(name, "far_ahead", "is more than a year ahead")
    if kept.start_by is not None and kept.start_by < today:
        yield Remark("start_by", "past_date", "has passed: people who are available only later are not matched")


def _on_the_requirements(kept: Terms) -> Iterator[Remark]:
    if not any(group.necessity is Necessity.REQUIRED for group in kept.groups):
        yield Remark("groups", "nothing_required", "no group is required: everyone who can come is qualified")


def _on_the_filled(kept: Terms, filled: int) -> Iterator[Remark]:
    if filled == kept.positions:
        yield Remark("filled", "no_position_left", "every position is filled: nobody is matched")


def _on_copies(kept: Terms, postings: Sequence[Posting]) -> Iterator[Remark]:
    """A copy has the same title, place and requirements, whatever the names and the order of its groups."""
    wanted = _copy_key(kept)
    copies = [posting.opening_id for posting in postings if _copy_key(posting.terms) == wanted]
    for opening_id in copies[:MOST_COPIES]:
        more = f", and so have {len(copies) - 1} more" if len(copies) > MOST_COPIES else ""
        same = f"opening {opening_id}, which is open, has the same title, place and requirements{more}"
        yield Remark("title", "copy_of_opening", f"{same}; to hire more people, raise its positions")


def _copy_key(terms: Terms) -> tuple[str, str, frozenset[object]]:
    asked = frozenset((group.necessity, frozenset(group.any_of), group.verified_only) for group in terms.groups)
    return name_key(terms.title), terms.zip or REMOTE, asked
