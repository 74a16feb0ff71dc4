"""Instances of any writer model, from its own field types and limits."""

import types
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from contracts.wire import FIRST_DAY, LAST_DAY, NO_NUL

MOST_ITEMS = 3
LARGEST = 2**63 - 1


@cache
def instances(model: type[BaseModel]) -> st.SearchStrategy[BaseModel]:
    """Everything that can be constructed, optional fields sometimes left out."""
    required = {name: _field(info) for name, info in model.model_fields.items() if info.is_required()}
    optional = {name: _field(info) for name, info in model.model_fields.items() if not info.is_required()}
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: model(**values))


def _field(info: FieldInfo) -> st.SearchStrategy[Any]:
    return _limited(info.annotation, _limits(info.metadata))


def _limits(metadata: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in metadata:
        constraints = each.metadata if isinstance(each, FieldInfo) else [each]
        for constraint in constraints:
            for name in ("ge", "le", "gt", "lt", "min_length", "max_length", "pattern"):
                value = getattr(constraint, name, None)
                if value is not None:
                    found[name] = value
    return found


def _limited(annotation: Any, limits: dict[str, Any]) -> st.SearchStrategy[Any]:
    if hasattr(annotation, "__metadata__"):
        return _limited(annotation.__origin__, {**_limits(annotation.__metadata__), **limits})
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([_limited(each, limits) for each in arguments])
    if origin is tuple:
        return st.lists(_limited(arguments[0], {}), min_size=limits.get("min_length", 0), max_size=MOST_ITEMS).map(tuple)
    return _plain(annotation, limits)


def _plain(annotation: Any, limits: dict[str, Any]) -> st.SearchStrategy[Any]:
    if annotation is type(None):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation is date:
        return st.dates(limits.get("ge", date.min), limits.get("le", date.max))
    if annotation is AwareDatetime:
        return st.datetimes(datetime(FIRST_DAY.year, 1, 1), datetime(LAST_DAY.year, 12, 31), timezones=st.just(UTC))
    if annotation is int:
        return st.integers(limits.get("ge", -LARGEST), limits.get("le", LARGEST))
    if annotation is str:
        return _text(limits)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return instances(annotation)
    raise TypeError(f"no instances of {annotation}: extend tests/contracts/strategies.py")


def _text(limits: dict[str, Any]) -> st.SearchStrategy[str]:
    shortest, longest = limits.get("min_length", 0), limits.get("max_length")
    if limits.get("pattern", NO_NUL) == NO_NUL:
        allowed = st.characters(exclude_categories=["Cs"], exclude_characters="\0" if "pattern" in limits else "")
        return st.text(allowed, min_size=shortest, max_size=longest)
    matching = st.from_regex(limits["pattern"].removesuffix("$") + r"\Z", fullmatch=True, alphabet=st.characters(codec="ascii"))
    return matching.map(lambda text: text[:longest])
