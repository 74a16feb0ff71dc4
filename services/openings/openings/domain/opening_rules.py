"""The rules for the terms of an opening (MARKET.md sections 2 and 3). Terms that break a rule are refused; terms that a person
would ask twice about are accepted with a remark, see `openings.domain.opening_remarks`."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta

from contracts.vocabulary import Shift
from makersync.text import UnfitText, one_line
from openings.domain.errors import Place, RulesBroken, Violation
from openings.domain.opening import Alternative, Group, Terms, WantedCompetency, WantedCredential
from reference.occupations import Occupations
from reference.pay import MedianWages, PayLimits
from reference.places import KNOWN_ZIP

LONGEST_TITLE = 200
MOST_POSITIONS = 10_000
MOST_CENTS = 10_000_000
MOST_GROUPS = 50
MOST_ALTERNATIVES = 50
HEAVIEST_GROUP = 10
HIGHEST_LEVEL = 5
#: Nobody plans to hire further ahead or back: the year was mistyped.
FURTHEST = timedelta(days=5 * 365)
OCCUPATION_PATTERN = r"^[0-9]{2}-[0-9]{4}(\.[0-9]{2})?$"


@dataclass(frozen=True, slots=True)
class KnownIds:
    """Ids of credentials and competencies."""

    credentials: Set[str]
    competencies: Set[str]


@dataclass(frozen=True, slots=True)
class ReferenceValues:
    """The reference data that terms are checked against: occupations, their median wages, and the limits of pay."""

    occupations: Occupations
    medians: MedianWages
    pay: PayLimits


def wanted_ids(terms: Terms) -> KnownIds:
    """The credentials and competencies that the terms ask for, whether the catalog has them or not."""
    alternatives = [alternative for group in terms.groups for alternative in group.any_of]
    return KnownIds(
        {wanted.credential for wanted in alternatives if isinstance(wanted, WantedCredential)},
        {wanted.competency for wanted in alternatives if isinstance(wanted, WantedCompetency)},
    )


def accepted(terms: Terms, filled: int, region: str | None, known: KnownIds, reference_values: ReferenceValues) -> Terms:
    """The terms as they are stored: without repetitions, with shifts in the order of the day, texts in their normal form, and a
    retired occupation replaced by its successor.

    `region` is the region of their place, None when the ZIP code is unknown.

    Raises RulesBroken with everything that is wrong with the terms; the places are paths in `terms` as they were sent.
    """
    violations = [
        *_title_violations(terms.title),
        *_occupation_violations(terms.occupation, reference_values.occupations),
        *_place_violations(terms, region),
        *_numbers_violations(terms, filled),
        *_pay_violations(terms, reference_values.pay),
        *_dates_violations(terms),
        *_groups_violations(terms, known),
    ]
    if violations:
        raise RulesBroken(violations)
    return replace(
        terms,
        title=one_line(terms.title),
        occupation=terms.occupation and reference_values.occupations.judge(terms.occupation).code,
        groups=tuple(replace(group, any_of=tuple(dict.fromkeys(group.any_of))) for group in terms.groups),
        shifts=tuple(shift for shift in Shift if shift in terms.shifts),
    )


def check_new_dates(terms: Terms, before: Terms | None, today: date) -> None:
    """Raises RulesBroken when a date that is new in `terms` is a closing date in the past, or has a mistyped year."""
    violations = [
        violation
        for name in ("start_by", "closes_on")
        if (day := getattr(terms, name)) is not None and (before is None or day != getattr(before, name))
        for violation in _new_date_violations(name, day, today)
    ]
    if violations:
        raise RulesBroken(violations)


def check_filled(positions: int, filled: int) -> None:
    """Raises RulesBroken unless `filled` is from 0 to the number of positions."""
    if violations := list(_filled_violations(positions, filled)):
        raise RulesBroken(violations)


def _new_date_violations(name: str, day: date, today: date) -> Iterator[Violation]:
    if name == "closes_on" and day < today:
        yield Violation((name,), "past_date", f"must not be before today, {today.isoformat()} in the deployment's time zone")
    elif today - day > FURTHEST:
        yield Violation((name,), "too_early", f"must not be more than {FURTHEST.days // 365} years ago")
    if day - today > FURTHEST:
        yield Violation((name,), "far_ahead", f"must not be more than {FURTHEST.days // 365} years ahead")


def _title_violations(title: str) -> Iterator[Violation]:
    try:
        line = one_line(title)
    except UnfitText as unfit:
        yield Violation(("title",), unfit.rule, unfit.detail)
        return
    if not line:
        yield Violation(("title",), "required", "must not be empty")
    if len(line) > LONGEST_TITLE:
        yield Violation(("title",), "too_long", f"must have at most {LONGEST_TITLE} characters")


def _occupation_violations(code: str | None, occupations: Occupations) -> Iterator[Violation]:
    if code is None or (verdict := occupations.judge(code)).code is not None:
        return
    if verdict.successors:
        now = ", ".join(f"{one} {occupations.title(one)}" for one in verdict.successors)
        yield Violation(("occupation",), "split_occupation", f"is retired; give the one of its successors that fits: {now}")
    else:
        detail = "must be a detailed occupation of SOC 2018, or an O*NET-SOC 2019 code on one, such as 51-4041.00"
        yield Violation(("occupation",), "unknown_occupation", detail)


def _place_violations(terms: Terms, region: str | None) -> Iterator[Violation]:
    if (terms.zip is not None) == terms.remote:
        yield Violation(("zip",), "one_place", "give exactly one of zip and remote: true")
    elif region is None:
        yield Violation(("zip",), "unknown_zip", KNOWN_ZIP)


def _numbers_violations(terms: Terms, filled: int) -> Iterator[Violation]:
    if not 1 <= terms.positions <= MOST_POSITIONS:
        yield Violation(("positions",), "range", f"must be from 1 to {MOST_POSITIONS}")
    yield from _filled_violations(terms.positions, filled)


def _pay_violations(terms: Terms, pay: PayLimits) -> Iterator[Violation]:
    for name, wage in (("wage_min", terms.wage_min), ("wage_max", terms.wage_max)):
        if wage is not None and (detail := pay.broken_by(wage)):
            yield Violation((name,), "pay_range", detail)
    if terms.wage_min is not None and terms.wage_max is not None and terms.wage_min > terms.wage_max:
        yield Violation(("wage_max",), "pay_order", "must not be below wage_min")


def _filled_violations(positions: int, filled: int) -> Iterator[Violation]:
    if not 0 <= filled <= positions:
        yield Violation(("filled",), "filled_range", "must be from 0 to the number of positions")


def _dates_violations(terms: Terms) -> Iterator[Violation]:
    """Nobody can apply for work that should already have begun."""
    if terms.start_by is not None and terms.closes_on is not None and terms.start_by < terms.closes_on:
        yield Violation(("start_by",), "date_order", "must not be before closes_on")


def _groups_violations(terms: Terms, known: KnownIds) -> Iterator[Violation]:
    """The same alternatives with the same proof may stand once: two such groups would count twice or contradict each other."""
    if not terms.groups:
        yield Violation(("groups",), "no_requirement", "must ask for something: without a group everyone is a candidate")
    ids: dict[str, int] = {}
    asked: dict[tuple[frozenset[Alternative], bool], int] = {}
    for index, group in enumerate(terms.groups):
        place: Place = ("groups", index)
        yield from _group_violations(group, place, known)
        if (first := ids.setdefault(group.id, index)) != index:
            yield Violation((*place, "id"), "repeated_id", f"must be an id of its own; groups.{first} has the same")
        if (first := asked.setdefault((frozenset(group.any_of), group.verified_only), index)) != index:
            yield Violation((*place, "any_of"), "repeated_group", f"must ask for something else than groups.{first}")


def _group_violations(group: Group, place: Place, known: KnownIds) -> Iterator[Violation]:
    if not group.any_of:
        yield Violation((*place, "any_of"), "empty", "must hold at least one alternative")
    if not 1 <= group.weight <= HEAVIEST_GROUP:
        yield Violation((*place, "weight"), "range", f"must be from 1 to {HEAVIEST_GROUP}")
    for index, alternative in enumerate(group.any_of):
        yield from _alternative_violations(alternative, (*place, "any_of", index), known)


def _alternative_violations(wanted: Alternative, place: Place, known: KnownIds) -> Iterator[Violation]:
    if isinstance(wanted, WantedCredential):
        if wanted.credential not in known.credentials:
            yield Violation((*place, "credential"), "unknown_credential", "must be a credential of the catalog")
        return
    if wanted.competency not in known.competencies:
        yield Violation((*place, "competency"), "unknown_competency", "must be a competency of the catalog")
    if not 1 <= wanted.level <= HIGHEST_LEVEL:
        yield Violation((*place, "level"), "range", f"must be from 1 to {HIGHEST_LEVEL}")
