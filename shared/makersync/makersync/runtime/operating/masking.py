"""What a page shows of a record that nobody could read: the fields of its contract, and nothing else that could name a person.

A value that is hidden is put back where it was when the record is sent back with other changes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from makersync.envelope import Event
from makersync.http.problems import ValidationProblem
from makersync.topic import Topic

MASK = "•••"
_HIDDEN_NAME = "hidden field {}"
_ENVELOPE = frozenset(Event.__struct_fields__)
#: Fields of contracts in which people write, or which open something.
_WRITTEN_BY_PEOPLE = frozenset({"contact", "message", "digest", "token", "sealed"})
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_NAMES_A_PERSON = re.compile(r"[^\s@\"']{1,64}@[^\s@\"']{1,255}|\+?\d[\d ()./-]{7,30}\d(?![\d:.-])")
#: What looks like a telephone number and is a date, a time, the number of a version or an event's id. Of ten or eleven digits
#: it may be either, and is hidden.
_PLAIN_NUMBER = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ][\d:.+Z-]{1,40})?|(?!\d{10,11}$)0*\d{1,19}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
#: No field of a contract is longer, and longer texts are hidden without a look.
_LONGEST_SHOWN = 4000


def shown_fields(topic: Topic | None) -> frozenset[str]:
    """The names of the fields whose values are shown: those of the envelope and of the topic's contract."""
    found = set(_ENVELOPE)
    for model in topic.types.values() if topic is not None else ():
        found.update(_properties(model.model_json_schema()))
    return frozenset(found - _WRITTEN_BY_PEOPLE)


def masked(value: Any, shown: frozenset[str], is_shown: bool = True) -> Any:
    """The same structure, with the values of other fields hidden, and texts that look like an address or a number of a
    telephone."""
    if isinstance(value, dict):
        return {
            _name(name, place, is_shown): masked(each, shown, is_shown and name in shown)
            for place, (name, each) in enumerate(value.items())
        }
    if isinstance(value, list):
        return [masked(each, shown, is_shown) for each in value]
    if value is None or isinstance(value, bool):
        return value
    return value if is_shown and not _names_person(str(value)) else MASK


def unmasked(sent: Any, original: Any, where: str = "record") -> Any:
    """What was sent with what was hidden put back. Raises ValidationProblem where nothing was hidden."""
    if sent == MASK:
        if original is _ABSENT or isinstance(original, dict | list):
            raise ValidationProblem.of("record", "hidden_value", f"{where}: nothing is hidden here; write the value")
        return original
    if isinstance(sent, dict):
        names = _original_names(original)
        return {
            names.get(name, name): unmasked(each, _member(original, names.get(name, name)), f"{where}.{name}")
            for name, each in sent.items()
        }
    if isinstance(sent, list):
        if isinstance(original, list) and len(sent) != len(original) and _hides(sent):
            raise ValidationProblem.of(
                "record", "hidden_value", f"{where}: keep as many items as there were, or write all values"
            )
        return [unmasked(each, _item(original, place), f"{where}.{place}") for place, each in enumerate(sent)]
    return sent


def _hides(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_hides, value.values()))
    return any(map(_hides, value)) if isinstance(value, list) else bool(value == MASK)


def masked_text(text: str) -> str:
    """A remark about a record, without what looks like an address or a number of a telephone."""
    hidden = _NAMES_A_PERSON.sub(lambda found: found[0] if _PLAIN_NUMBER.fullmatch(found[0]) else MASK, text[:_LONGEST_SHOWN])
    return hidden if len(text) <= _LONGEST_SHOWN else f"{hidden} …"


def masked_record(payload: bytes | None, shown: frozenset[str]) -> str | None:
    """The record as JSON that people can read; None when it is none."""
    document = parsed(payload)
    try:
        return None if document is _ABSENT else as_json(masked(document, shown), indent=2)
    except RecursionError:
        return None


def as_json(document: Any, **form: Any) -> str:
    """As JSON; with escapes where a text has characters that are none, such as half of a surrogate pair."""
    text = json.dumps(document, ensure_ascii=False, **form)
    return text if text.isascii() or _can_be_sent(text) else json.dumps(document, **form)


def parsed(payload: bytes | None) -> Any:
    try:
        return _ABSENT if payload is None else json.loads(payload)
    except (ValueError, RecursionError):
        return _ABSENT


def _can_be_sent(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Absent:
    pass


_ABSENT = _Absent()


def _properties(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, each in schema.items():
        if name == "properties" and isinstance(each, dict):
            yield from each
        for part in each if isinstance(each, list) else [each]:
            if isinstance(part, dict):
                yield from _properties(part)


def _name(name: str, place: int, is_shown: bool) -> str:
    """Below a field that is hidden, names are hidden too."""
    return name if is_shown and _IDENTIFIER.fullmatch(name) else _HIDDEN_NAME.format(place + 1)


def _original_names(original: Any) -> Mapping[str, str]:
    return {_HIDDEN_NAME.format(place + 1): name for place, name in enumerate(original)} if isinstance(original, dict) else {}


def _member(original: Any, name: str) -> Any:
    return original.get(name, _ABSENT) if isinstance(original, dict) else _ABSENT


def _item(original: Any, place: int) -> Any:
    return original[place] if isinstance(original, list) and place < len(original) else _ABSENT


def _names_person(text: str) -> bool:
    if len(text) > _LONGEST_SHOWN:
        return True
    return not _PLAIN_NUMBER.fullmatch(text) and _NAMES_A_PERSON.search(text) is not None
