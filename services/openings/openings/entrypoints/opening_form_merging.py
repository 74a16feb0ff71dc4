"""Two people change one opening: what each has changed, field by field, so that nothing is lost."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openings.domain.opening import Terms
from openings.entrypoints.opening_form import LABELS, TypedOpening, written_opening

_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that somebody else has changed since the form was opened. `is_kept`: the form has changed it too, and keeps
    what was typed; otherwise the form has taken over what is stored now. `now` and `typed` are None for requirements, which
    are shown as sentences."""

    field: str
    label: str
    now: str | None
    typed: str | None
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """The form to go on with, and what somebody else has changed."""

    typed: TypedOpening
    differences: Sequence[FieldDifference]


def written_before(terms: Terms) -> str:
    """The terms that a form was opened with, for a hidden field of it."""
    return json.dumps(written_opening(terms).body(), ensure_ascii=False)


def merged(before: str, typed: TypedOpening, terms: Terms) -> Merged:
    """`before` is what `written_before` made when the form was opened. What was not typed over becomes as it is stored now."""
    now, opened = written_opening(terms), _opened(before)
    bodies = opened, typed.body(), now.body()
    differences = [found for name in LABELS if (found := _difference(name, *bodies)) is not None]
    taken = {each.field: getattr(now, each.field) for each in differences if not each.is_kept}
    return Merged(replace(typed, **taken), differences)


def _difference(
    name: str, before: Mapping[str, Any], typed: Mapping[str, Any], now: Mapping[str, Any]
) -> FieldDifference | None:
    here, there = typed.get(name), now.get(name)
    if here == there or (before and before.get(name) == there):
        return None
    is_kept = not before or here != before.get(name)
    if name == "groups":
        return FieldDifference(name, LABELS[name], None, None, is_kept)
    return FieldDifference(name, LABELS[name], _in_words(name, there), _in_words(name, here), is_kept)


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "any"
    if name.startswith("wage") and isinstance(value, int):
        return f"${value / 100:,.2f} an hour"
    return _NOTHING if value is None else str(value)


def _opened(before: str) -> Mapping[str, Any]:
    """What the hidden field has; empty when it was not made by `written_before`."""
    try:
        found = json.loads(before)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
