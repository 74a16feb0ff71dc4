"""An opening as it stands in the form of a page: every field as it was typed, named by its path in the API's body."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.vocabulary import Necessity
from makersync.pages.amounts import cents_of, dollars_of
from makersync.pages.forms import SentForm
from openings.domain.opening import Alternative, Group, Terms, WantedCompetency, WantedCredential

#: What the page calls each field.
LABELS: Mapping[str, str] = {
    "title": "Name of the job",
    "positions": "Positions",
    "occupation": "Occupation",
    "zip": "ZIP code",
    "remote": "Remote work",
    "start_by": "Work begins by",
    "closes_on": "Last day for candidates",
    "shifts": "Shifts",
    "wage_min": "Lowest pay",
    "wage_max": "Highest pay",
    "groups": "Requirements",
}
#: Fields of one text each; an empty one is not given.
_TEXTS = ("title", "occupation", "zip", "start_by", "closes_on")
_NUMBERS, _WAGES = ("positions",), ("wage_min", "wage_max")
#: Far more digits than any number of an opening has.
_LONGEST_NUMBER = 12
#: An id that the form gave, which says nothing.
_GIVEN = re.compile(r"group-\d+")
#: Of the id of a credential or a competency, behind who has named it.
_LAST_WORD = re.compile(r"[A-Za-z0-9_-]+\Z")
_LONGEST_ID, _LONGEST_SUBJECT = 60, 120


@dataclass(frozen=True, slots=True)
class TypedAlternative:
    """A credential, or a competency with its level; what does not apply is empty."""

    credential: str = ""
    competency: str = ""
    level: str = ""

    def body(self) -> dict[str, Any]:
        if self.credential:
            return {"credential": self.credential}
        return _said({"competency": self.competency, "level": _whole(self.level)})


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """`find` is what is searched for in the catalog, to be added to the alternatives."""

    id: str
    necessity: str = Necessity.REQUIRED.value
    weight: str = "1"
    verified_only: bool = False
    any_of: tuple[TypedAlternative, ...] = ()
    find: str = ""

    def body(self) -> dict[str, Any]:
        said = _said({"id": self.id, "necessity": self.necessity, "weight": _whole(self.weight)})
        return said | {"verified_only": self.verified_only, "any_of": [each.body() for each in self.any_of]}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOpening:
    """Wages are US dollars an hour."""

    title: str = ""
    positions: str = "1"
    occupation: str = ""
    zip: str = ""
    remote: bool = False
    start_by: str = ""
    closes_on: str = ""
    shifts: tuple[str, ...] = ()
    wage_min: str = ""
    wage_max: str = ""
    groups: tuple[TypedGroup, ...] = ()

    def body(self) -> dict[str, Any]:
        """What the API would be sent. What is no number stays text, for the API's own rules to refuse."""
        said = {name: getattr(self, name) for name in _TEXTS}
        said |= {name: _whole(getattr(self, name)) for name in _NUMBERS}
        said |= {name: _cents(getattr(self, name)) for name in _WAGES}
        groups = [group.body() for group in self.groups]
        return _said(said) | {"remote": self.remote, "shifts": list(self.shifts), "groups": groups}


def empty_opening() -> TypedOpening:
    return TypedOpening(groups=(TypedGroup("group-1"),))


def typed_opening(form: SentForm) -> TypedOpening:
    """What was typed. Raises ValidationProblem for a field that was sent twice."""
    texts = {name: form.get(name) for name in (*_TEXTS, *_NUMBERS, *_WAGES)}
    return TypedOpening(
        **texts,
        remote=bool(form.get("remote")),
        shifts=tuple(form.fields.get("shifts", ())),
        groups=tuple(_typed_groups(form)),
    )


def written_opening(terms: Terms) -> TypedOpening:
    """The terms of an opening, to be changed or copied."""
    return TypedOpening(
        title=terms.title,
        positions=str(terms.positions),
        occupation=terms.occupation or "",
        zip=terms.zip or "",
        remote=terms.remote,
        start_by=terms.start_by.isoformat() if terms.start_by else "",
        closes_on=terms.closes_on.isoformat() if terms.closes_on else "",
        shifts=tuple(shift.value for shift in terms.shifts),
        wage_min=dollars_of(terms.wage_min),
        wage_max=dollars_of(terms.wage_max),
        groups=tuple(map(_written_group, terms.groups)),
    )


def with_group(typed: TypedOpening, index: int, group: TypedGroup) -> TypedOpening:
    """With another group in the place of one."""
    return replace(typed, groups=(*typed.groups[:index], group, *typed.groups[index + 1 :]))


def with_telling_ids(typed: TypedOpening, kept: Collection[str] = ()) -> TypedOpening:
    """The ids that the form gave to its groups, but for those that are kept, say what is asked for: providers read them beside
    what a learner lacks. A group is called after its first alternative."""
    taken = {group.id for group in typed.groups}
    named = list[TypedGroup]()
    for group in typed.groups:
        told = group.id if group.id in kept or not _GIVEN.fullmatch(group.id) else _told(group, taken)
        taken.add(told)
        named.append(replace(group, id=told))
    return replace(typed, groups=tuple(named))


def _told(group: TypedGroup, taken: Collection[str]) -> str:
    first = group.any_of[0] if group.any_of else TypedAlternative()
    found = _LAST_WORD.search((first.credential or first.competency)[-_LONGEST_SUBJECT:])
    word = found[0][:_LONGEST_ID] if found else ""
    names = (word if number == 1 else f"{word}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken) if word else group.id


def _typed_groups(form: SentForm) -> Iterator[TypedGroup]:
    index = 0
    while f"groups.{index}.id" in form.fields:
        place = f"groups.{index}"
        yield TypedGroup(
            id=form.get(f"{place}.id"),
            necessity=form.get(f"{place}.necessity"),
            weight=form.get(f"{place}.weight"),
            verified_only=bool(form.get(f"{place}.verified_only")),
            any_of=tuple(_typed_alternatives(form, f"{place}.any_of")),
            find=form.get(f"{place}.find"),
        )
        index += 1


def _typed_alternatives(form: SentForm, place: str) -> Iterator[TypedAlternative]:
    index = 0
    while any(f"{place}.{index}.{kind}" in form.fields for kind in ("credential", "competency")):
        yield TypedAlternative(*(form.get(f"{place}.{index}.{name}") for name in ("credential", "competency", "level")))
        index += 1


def _written_group(group: Group) -> TypedGroup:
    any_of = tuple(map(_written_alternative, group.any_of))
    return TypedGroup(group.id, group.necessity.value, str(group.weight), group.verified_only, any_of)


def _written_alternative(wanted: Alternative) -> TypedAlternative:
    if isinstance(wanted, WantedCompetency):
        return TypedAlternative(competency=wanted.competency, level=str(wanted.level))
    assert isinstance(wanted, WantedCredential)
    return TypedAlternative(credential=wanted.credential)


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value != "" and not (isinstance(value, str) and value.isspace())}


def _whole(text: str) -> int | str:
    plain = text.strip()
    is_number = plain.isascii() and plain.removeprefix("-").isdigit() and len(plain) <= _LONGEST_NUMBER
    return int(plain) if is_number else plain


def _cents(text: str) -> int | str:
    """What is no amount is refused by the rules, as it was typed."""
    cents = cents_of(text)
    return text.strip() if cents is None else cents


def numbered(groups: Sequence[TypedGroup]) -> str:
    """An id for another group."""
    taken = {group.id for group in groups}
    return next(name for number in range(1, len(groups) + 2) if (name := f"group-{number}") not in taken)
