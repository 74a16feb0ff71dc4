"""The steps by which the form of an opening grows and shrinks. Each is the value of a button, so that it needs no scripts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from openings.entrypoints.opening_form import TypedAlternative, TypedGroup, TypedOpening, numbered, with_group

#: The level that a competency is added with, on the scale from 1 (aware) to 5 (expert).
USUAL_LEVEL = "3"


@dataclass(frozen=True, slots=True)
class FormAfterStep:
    """The form after a step, and the id of the element that the next key goes to; empty: stay."""

    typed: TypedOpening
    focus: str = ""


def step(typed: TypedOpening, wanted: str) -> FormAfterStep:
    """`wanted` is `group`, `occupation:CODE`, `remove:GROUP`, `remove:GROUP:ALTERNATIVE`, `add:GROUP:credential:ID` or
    `add:GROUP:competency:ID`; with anything else, the form stays as it is."""
    name, *rest = wanted.split(":", 3)
    take = _STEPS.get((name, len(rest)))
    try:
        return FormAfterStep(typed) if take is None else take(typed, rest)
    except (ValueError, IndexError):
        return FormAfterStep(typed)


def _add_group(typed: TypedOpening, _rest: Sequence[str]) -> FormAfterStep:
    group = TypedGroup(numbered(typed.groups))
    return FormAfterStep(replace(typed, groups=(*typed.groups, group)), f"groups.{len(typed.groups)}.find")


def _choose_occupation(typed: TypedOpening, rest: Sequence[str]) -> FormAfterStep:
    return FormAfterStep(replace(typed, occupation=rest[0]), "occupation")


def _remove_group(typed: TypedOpening, rest: Sequence[str]) -> FormAfterStep:
    index = _index(rest[0], typed.groups)
    return FormAfterStep(replace(typed, groups=(*typed.groups[:index], *typed.groups[index + 1 :])), "add-group")


def _remove_alternative(typed: TypedOpening, rest: Sequence[str]) -> FormAfterStep:
    place = _index(rest[0], typed.groups)
    group = typed.groups[place]
    index = _index(rest[1], group.any_of)
    fewer = replace(group, any_of=(*group.any_of[:index], *group.any_of[index + 1 :]))
    return FormAfterStep(with_group(typed, place, fewer), f"groups.{place}.find")


def _add_alternative(typed: TypedOpening, rest: Sequence[str]) -> FormAfterStep:
    place = _index(rest[0], typed.groups)
    group = typed.groups[place]
    if rest[1] == "credential":
        added = TypedAlternative(credential=rest[2])
    else:
        added = TypedAlternative(competency=rest[2], level=USUAL_LEVEL)
    has_it = any((each.credential, each.competency) == (added.credential, added.competency) for each in group.any_of)
    more = replace(group, any_of=group.any_of if has_it else (*group.any_of, added), find="")
    return FormAfterStep(with_group(typed, place, more), f"groups.{place}.find")


def _index(text: str, items: Sequence[object]) -> int:
    """Raises ValueError and IndexError."""
    index = int(text)
    if not 0 <= index < len(items):
        raise IndexError
    return index


_STEPS: Mapping[tuple[str, int], Callable[[TypedOpening, Sequence[str]], FormAfterStep]] = {
    ("group", 0): _add_group,
    ("occupation", 1): _choose_occupation,
    ("remove", 1): _remove_group,
    ("remove", 2): _remove_alternative,
    ("add", 3): _add_alternative,
}
