"""What an employer may say of a job (MARKET.md sections 2 and 3). Every rule here needs no I/O but what it is handed."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from datetime import date

from makersync.places import KNOWN_ZIP
from openings.domain.opening import Alternative, CompetencyWanted, CredentialWanted, Group, Shift, Terms
from openings.domain.refusals import Place, RulesBroken, Violation

LONGEST_TITLE = 200
MOST_POSITIONS = 10_000
MOST_CENTS = 10_000_000
MOST_GROUPS = 50
MOST_ALTERNATIVES = 50
HEAVIEST_GROUP = 10
HIGHEST_LEVEL = 5
OCCUPATION_PATTERN = r"^[0-9]{2}-[0-9]{4}(\.[0-9]{2})?$"


@dataclass(frozen=True, slots=True)
class KnownIds:
    """Those of the credentials and competencies asked for that the catalog defines."""

    credentials: Set[str]
    competencies: Set[str]


def wanted_ids(terms: Terms) -> KnownIds:
    """The credentials and competencies that the terms name, known or not."""
    forms = [form for group in terms.groups for form in group.any_of]
    return KnownIds(
        {form.credential for form in forms if isinstance(form, CredentialWanted)},
        {form.competency for form in forms if isinstance(form, CompetencyWanted)},
    )


def accepted(terms: Terms, filled: int, region: str | None, known: KnownIds) -> Terms:
    """The terms as they are kept: what is said twice stands once, shifts in the order of the day.

    `region` is that of their place, None when the ZIP code is unknown.

    Raises RulesBroken with everything that is wrong with the terms in themselves; its places are those of what was sent.
    """
    violations = [
        *_of_the_place(terms, region),
        *_of_the_numbers(terms, filled),
        *_of_the_dates(terms),
        *_of_the_groups(terms, known),
    ]
    if violations:
        raise RulesBroken(violations)
    groups = tuple(replace(group, any_of=tuple(dict.fromkeys(group.any_of))) for group in terms.groups)
    return replace(terms, groups=groups, shifts=tuple(shift for shift in Shift if shift in terms.shifts))


def check_closing_date(terms: Terms, today: date) -> None:
    """Raises RulesBroken when the closing date that is set now has passed already."""
    if terms.closes_on is not None and terms.closes_on < today:
        raise RulesBroken([Violation(("closes_on",), "past_date", f"must not be before today, {today.isoformat()} (UTC)")])


def _of_the_place(terms: Terms, region: str | None) -> Iterator[Violation]:
    if (terms.zip is not None) == terms.remote:
        yield Violation(("zip",), "one_place", "give exactly one of zip and remote: true")
    elif region is None:
        yield Violation(("zip",), "unknown_zip", KNOWN_ZIP)


def _of_the_numbers(terms: Terms, filled: int) -> Iterator[Violation]:
    if not 1 <= terms.positions <= MOST_POSITIONS:
        yield Violation(("positions",), "range", f"must be from 1 to {MOST_POSITIONS}")
    yield from of_the_filled(terms.positions, filled)
    for name, wage in (("wage_min", terms.wage_min), ("wage_max", terms.wage_max)):
        if wage is not None and not 0 <= wage <= MOST_CENTS:
            yield Violation((name,), "range", f"must be US cents an hour, from 0 to {MOST_CENTS}")
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
    if isinstance(form, CredentialWanted):
        if form.credential not in known.credentials:
            yield Violation((*place, "credential"), "unknown_credential", "must be a credential of the catalog")
        return
    if form.competency not in known.competencies:
        yield Violation((*place, "competency"), "unknown_competency", "must be a competency of the catalog")
    if not 1 <= form.level <= HIGHEST_LEVEL:
        yield Violation((*place, "level"), "range", f"must be from 1 to {HIGHEST_LEVEL}")
