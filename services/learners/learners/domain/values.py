"""Rules of single values: texts, numbers, dates, identifiers. Each raises RuleBroken with the field's name."""

import re
from collections.abc import Hashable, Iterable, Sequence
from datetime import date

from learners.domain.errors import RuleBroken
from makersync.text import UnfitText, one_line

NAME_LENGTH = 200
IDENTIFIER_LENGTH = 80
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._:-]*", re.ASCII)


def line(field: str, value: str, most: int = NAME_LENGTH) -> str:
    """One line of text by the rule of all text (`makersync.text`), 1 to `most` characters."""
    try:
        text = one_line(value)
    except UnfitText as unfit:
        raise RuleBroken(field, unfit.rule, unfit.detail) from unfit
    if not text:
        raise RuleBroken(field, "required", "must not be empty")
    if len(text) > most:
        raise RuleBroken(field, "too_long", f"at most {most} characters")
    return text


def identifier(field: str, value: str) -> str:
    """An id of the catalog, such as `nims:drill-press-1` or `machining.cnc-milling`."""
    if len(value) > IDENTIFIER_LENGTH:
        raise RuleBroken(field, "too_long", f"at most {IDENTIFIER_LENGTH} characters")
    if not _IDENTIFIER.fullmatch(value):
        raise RuleBroken(field, "identifier", "lower-case letters, digits and . _ : - after a letter or digit")
    return value


def whole(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise RuleBroken(field, "out_of_range", f"must be from {least} to {most}")
    return value


def after(field: str, later: date | None, earlier: date | None, earlier_name: str) -> None:
    """`later` comes after `earlier`; an unknown date breaks no rule."""
    if later is not None and earlier is not None and later <= earlier:
        raise RuleBroken(field, "not_after", f"must be after {earlier_name}")


def distinct(field: str, values: Iterable[Hashable]) -> None:
    seen: set[Hashable] = set()
    for position, value in enumerate(values):
        if value in seen:
            raise RuleBroken(f"{field}.{position}", "repeated", "is listed already")
        seen.add(value)


def few(field: str, values: Sequence[object], most: int) -> None:
    if len(values) > most:
        raise RuleBroken(field, "too_many", f"at most {most}")
