"""Reads a document field by field by the types of its form: every problem is noted with its place, and reading goes on."""

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar, cast

from msgspec import UNSET, Struct, inspect

from matching.adapters.market_file.forms import form_of
from matching.adapters.market_file.problems import Pairs, Problems

ModelT = TypeVar("ModelT", bound=Struct)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_fields(document: object, model: type[ModelT], problems: Problems) -> ModelT | None:
    """The file of `model` in a document, with UNSET in place of each value that has a problem; None when it is no object."""
    form = FieldReader(problems).value(inspect.type_info(form_of(model)), document, "")
    return cast(ModelT, form) if form else None


class FieldReader:
    """Reads values by their types. A value that has a problem is read as UNSET."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def value(self, kind: inspect.Type, value: object, place: str) -> object:
        """What `value` stands for, at a place in the document."""
        match kind:
            case inspect.StructType():
                return self._struct(kind, value, place)
            case inspect.VarTupleType():
                return self._array(kind, value, place)
            case inspect.DictType():
                values = self._object(value, place)
                return UNSET if values is None else values
            case inspect.UnionType():
                (known,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
                return self.value(known, value, place)
        try:
            return _LEAVES[type(kind)](kind, value)
        except ValueError as broken:
            return self._problem(place, str(broken))

    def _struct(self, kind: inspect.StructType, value: object, place: str) -> object:
        values = self._object(value, place)
        if values is None:
            return UNSET
        fields = {each.encode_name: self._field(each, values, _at(place, each.encode_name)) for each in kind.fields}
        for name in sorted(values.keys() - fields.keys()):
            self._problems.note(_at(place, name), "unknown field")
        return kind.cls(**fields)

    def _field(self, field: inspect.Field, values: Mapping[str, object], place: str) -> object:
        value = values.get(field.encode_name)
        if value is not None:
            return self.value(field.type, value, place)
        if field.required:
            return self._problem(place, _NOTHING if _needs_entry(field.type) else "is required")
        return UNSET

    def _array(self, kind: inspect.VarTupleType, value: object, place: str) -> object:
        if isinstance(value, Pairs) or not isinstance(value, list):
            return self._problem(place, "must be an array")
        if not value and _needs_entry(kind):
            return self._problem(place, _NOTHING)
        return tuple([self.value(kind.item_type, each, f"{place}[{index}]") for index, each in enumerate(value)])

    def _object(self, value: object, place: str) -> dict[str, object] | None:
        if isinstance(value, dict):
            return value
        if not isinstance(value, Pairs):
            self._problems.note(place, "must be an object")
            return None
        values: dict[str, object] = {}
        for name, each in value:
            if name in values:
                self._problems.note(_at(place, name), "repeated field")
            values.setdefault(name, each)
        return values

    def _problem(self, place: str, rule: str) -> object:
        self._problems.note(place, rule)
        return UNSET


_NOTHING = "must hold at least one alternative"
"""Only `any_of` may not be empty."""


def _needs_entry(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.VarTupleType) and bool(kind.min_length)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _text(_: inspect.Type, value: object) -> str:
    if isinstance(value, str) and value.strip() and _is_unicode(value):
        return value
    raise ValueError("must be a text that is not empty")


def _is_unicode(text: str) -> bool:
    """A lone surrogate, which JSON can spell, cannot be written anywhere."""
    return text.isprintable() or not any("\ud800" <= character <= "\udfff" for character in text)


def _whole(kind: inspect.Type, value: object) -> int:
    assert isinstance(kind, inspect.IntType) and kind.ge is not None
    if isinstance(value, int) and not isinstance(value, bool):
        if kind.ge <= value and (kind.le is None or value <= kind.le):
            return value
        raise ValueError(f"must be {kind.ge} or more" if kind.le is None else f"must be {kind.ge} to {kind.le}")
    raise ValueError("must be an integer")


def _flag(_: inspect.Type, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def _day(_: inspect.Type, value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a date, YYYY-MM-DD")


def _choice(kind: inspect.Type, value: object) -> object:
    assert isinstance(kind, inspect.EnumType)
    words = [word.value for word in kind.cls]
    if isinstance(value, str) and value in words:
        return kind.cls(value)
    raise ValueError(f"must be one of {', '.join(words)}")


_LEAVES = {
    inspect.StrType: _text,
    inspect.IntType: _whole,
    inspect.BoolType: _flag,
    inspect.DateType: _day,
    inspect.EnumType: _choice,
}
