"""What an employer may say of a job (MARKET.md sections 2 and 3): what breaks a rule is refused. What a person would ask twice
about is taken with a remark (`openings.domain.remarks`). Neither needs I/O but what it is handed."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta

from makersync.text import UnfitText, one_line
from openings.domain.opening import Alternative, Group, Shift, Terms, WantedCompetency, WantedCredential
from openings.domain.refusals import Place, RulesBroken, Violation
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
#: Further ahead, or back, nobody plans to hire: a year was mistyped.
FURTHEST = timedelta(days=5 * 365)
OCCUPATION_PATTERN = r"^[0-9]{2}-[0-9]{4}(\.[0-9]{2})?$"


@dataclass(frozen=True, slots=True)
class KnownIds:
    """Those of the credentials and competencies asked for that the catalog defines."""

    credentials: Set[str]
    competencies: Set[str]


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """What is held against the outside world: the occupations there are, what they earn, and what is pay at all."""

    occupations: Occupations
    medians: MedianWages
    pay: PayLimits


def wanted_ids(terms: Terms) -> KnownIds:
    """The credentials and competencies that the terms name, known or not."""
    forms = [form for group in terms.groups for form in group.any_of]
    return KnownIds(
        {form.credential for form in forms if isinstance(form, WantedCredential)},
        {form.competency for form in forms if isinstance(form, WantedCompetency)},
    )


def accepted(terms: Terms, filled: int, region: str | None, known: KnownIds, yardsticks: Yardsticks) -> Terms:
    """The terms as they are kept: what is said twice stands once, shifts in the order of the day, texts in one form, a retired
    occupation as the one that it became.

    `region` is that of their place, None when the ZIP code is unknown.

    Raises RulesBroken with everything that is wrong with the terms in themselves; its places are those of what was sent.
    """
    violations = [
        *_of_the_title(terms.title),
        *_of_the_occupation(terms.occupation, yardsticks.occupations),
        *_of_the_place(terms, region),
        *_of_the_numbers(terms, filled),
        *_of_the_pay(terms, yardsticks.pay),
        *_of_the_dates(terms),
        *_of_the_groups(terms, known),
    ]
    if violations:
        raise RulesBroken(violations)
    return replace(
        terms,
        title=one_line(terms.title),
        occupation=terms.occupation and yardsticks.occupations.judge(terms.occupation).code,
        groups=tuple(replace(group, any_of=tuple(dict.fromkeys(group.any_of))) for group in terms.groups),
        shifts=tuple(shift for shift in Shift if shift in terms.shifts),
    )


def check_new_dates(terms: Terms, before: Terms | None, today: date) -> None:
    """Raises RulesBroken when a date that is set now is no date to set: a closing date that has passed, a mistyped year."""
    violations = [
        violation
        for name in ("start_by", "closes_on")
        if (day := getattr(terms, name)) is not None and (before is None or day != getattr(before, name))
        for violation in _of_a_new_date(name, day, today)
    ]
    if violations:
        raise RulesBroken(violations)


def _of_a_new_date(name: str, day: date, today: date) -> Iterator[Violation]:
    if name == "closes_on" and day < today:
        yield Violation((name,), "past_date", f"must not be before today, {today.isoformat()} (UTC)")
    elif today - day > FURTHEST:
        yield Violation((name,), "too_early", f"must not be more than {FURTHEST.days // 365} years ago")
    if day - today > FURTHEST:
        yield Violation((name,), "far_ahead", f"must not be more than {FURTHEST.days // 365} years ahead")


def _of_the_title(title: str) -> Iterator[Violation]:
    try:
        line = one_line(title)
    except UnfitText as unfit:
        yield Violation(("title",), unfit.rule, unfit.detail)
        return
    if not line:
        yield Violation(("title",), "required", "must not be empty")
    if len(line) > LONGEST_TITLE:
        yield Violation(("title",), "too_long", f"must have at most {LONGEST_TITLE} characters")


def _of_the_occupation(code: str | None, occupations: Occupations) -> Iterator[Violation]:
    if code is None or (verdict := occupations.judge(code)).code is not None:
        return
    if verdict.successors:
        now = ", ".join(f"{one} {occupations.title(one)}" for one in verdict.successors)
        yield Violation(("occupation",), "split_occupation", f"is retired; give the one of its successors that fits: {now}")
    else:
        detail = "must be a detailed occupation of SOC 2018, or an O*NET-SOC 2019 code on one, such as 51-4041.00"
        yield Violation(("occupation",), "unknown_occupation", detail)


def _of_the_place(terms: Terms, region: str | None) -> Iterator[Violation]:
    if (terms.zip is not None) == terms.remote:
        yield Violation(("zip",), "one_place", "give exactly one of zip and remote: true")
    elif region is None:
        yield Violation(("zip",), "unknown_zip", KNOWN_ZIP)


def _of_the_numbers(terms: Terms, filled: int) -> Iterator[Violation]:
    if not 1 <= terms.positions <= MOST_POSITIONS:
        yield Violation(("positions",), "range", f"must be from 1 to {MOST_POSITIONS}")
    yield from of_the_filled(terms.positions, filled)


def _of_the_pay(terms: Terms, pay: PayLimits) -> Iterator[Violation]:
    for name, wage in (("wage_min", terms.wage_min), ("wage_max", terms.wage_max)):
        if wage is not None and (detail := pay.broken_by(wage)):
            yield Violation((name,), "pay_range", detail)
    if terms.wage_min is not None and terms.wage_max is not None and terms.wage_min > terms.wage_max:
        yield Violation(("wage_max",), "pay_order", "must not be below wage_min")


def of_the_filled(positions: int, filled: int) -> Iterator[Violation]:
    """The rule of how many positions can be filled."""
    if not 0 <= filled <= positions:
        yield Violation(("filled",), "filled_range", "must be from 0 to the number of positions")


def _of_the_dates(terms: Terms) -> Iterator[Violation]:
    """Nobody can still apply for work that should have begun."""
    if terms.start_by is not None and terms.closes_on is not None and terms.start_by < terms.closes_on:
        yield Violation(("start_by",), "date_order", "must not be before closes_on")


def _of_the_groups(terms: Terms, known: KnownIds) -> Iterator[Violation]:
    """The same alternatives at the same proof stand once: asked for twice they count twice, or contradict each other."""
    if not terms.groups:
        yield Violation(("groups",), "no_requirement", "must ask for something: without a group everyone is a candidate")
    ids: dict[str, int] = {}
    asked: dict[tuple[frozenset[Alternative], bool], int] = {}
    for index, group in enumerate(terms.groups):
        place: Place = ("groups", index)
        yield from _of_a_group(group, place, known)
        if (first := ids.setdefault(group.id, index)) != index:
            yield Violation((*place, "id"), "repeated_id", f"must be an id of its own; groups.{first} has the same")
        if (first := asked.setdefault((frozenset(group.any_of), group.verified_only), index)) != index:
            yield Violation((*place, "any_of"), "repeated_group", f"must ask for something else than groups.{first}")


def _of_a_group(group: Group, place: Place, known: KnownIds) -> Iterator[Violation]:
    if not group.any_of:
        yield Violation((*place, "any_of"), "empty", "must hold at least one alternative")
    if not 1 <= group.weight <= HEAVIEST_GROUP:
        yield Violation((*place, "weight"), "range", f"must be from 1 to {HEAVIEST_GROUP}")
    for index, form in enumerate(group.any_of):
        yield from _of_an_alternative(form, (*place, "any_of", index), known)


def _of_an_alternative(form: Alternative, place: Place, known: KnownIds) -> Iterator[Violation]:
    if isinstance(form, WantedCredential):
        if form.credential not in known.credentials:
            yield Violation((*place, "credential"), "unknown_credential", "must be a credential of the catalog")
        return
    if form.competency not in known.competencies:
        yield Violation((*place, "competency"), "unknown_competency", "must be a competency of the catalog")
    if not 1 <= form.level <= HIGHEST_LEVEL:
        yield Violation((*place, "level"), "range", f"must be from 1 to {HIGHEST_LEVEL}")
