"""Which dead letters a page is about, as its address or a form says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import get_args
from urllib.parse import urlencode

from makersync.effects.dead_letter_decisions import DeadLetterSelection
from makersync.http.problems import ValidationProblem
from makersync.runtime.dead_letter_bodies import MOST_IDS, Status

FIELDS = ("status", "consumer", "topic", "partition", "reason", "subject", "from", "to")
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class DeadLetterQuery:
    """The fields as they were given; empty ones restrict nothing. `zone` is the one whose days `from` and `to` are."""

    given: Mapping[str, str]
    zone: tzinfo

    @classmethod
    def read(cls, get: Callable[[str], str], zone: tzinfo) -> "DeadLetterQuery":
        given = {name: get(name).strip() for name in FIELDS}
        if "\0" in "".join(given.values()):
            raise ValidationProblem.of("filter", "nul_character", "must be text without NUL")
        return cls(given | {"status": given["status"] or "open"}, zone)

    @property
    def selection(self) -> DeadLetterSelection:
        """Raises ValidationProblem."""
        given = self.given
        if given["status"] not in get_args(Status):
            raise ValidationProblem.of("status", "enum", "must be a status that the list offers")
        texts = {name: given[name] or None for name in ("consumer", "topic", "reason", "subject")}
        for name, each in texts.items():
            if each is not None and len(each) > _LONGEST:
                raise ValidationProblem.of(name, "string_too_long", f"must have at most {_LONGEST} characters")
        until = self._day("to")
        return DeadLetterSelection(
            consumer=texts["consumer"],
            topic=texts["topic"],
            reason=texts["reason"],
            subject=texts["subject"],
            partition=self._partition(),
            statuses=(given["status"],),
            seen_from=self._midnight(self._day("from")),
            seen_before=self._midnight(until + timedelta(days=1) if until else None),
        )

    @property
    def query(self) -> str:
        """As part of an address."""
        return urlencode({name: each for name, each in self.given.items() if each})

    def with_ids(self, ids: tuple[str, ...]) -> DeadLetterSelection:
        """Of these letters alone, where any are named. Raises ValidationProblem."""
        if len(ids) > MOST_IDS or not all(each.isascii() and each.isdigit() and len(each) < 19 for each in ids):
            raise ValidationProblem.of("ids", "int_parsing", f"must be at most {MOST_IDS} numbers of dead letters")
        return replace(self.selection, ids=tuple(map(int, ids)) or None)

    def _partition(self) -> int | None:
        text = self.given["partition"]
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValidationProblem.of("partition", "int_parsing", "must be a partition number")
        return int(text) if text else None

    def _day(self, name: str) -> date | None:
        text = self.given[name]
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise ValidationProblem.of(name, "date_format", "must be a day such as 2026-11-22") from error
        if found is not None and not 1900 < found.year < 9000:
            raise ValidationProblem.of(name, "date_format", "must be a day of this age")
        return found

    def _midnight(self, day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, time(), self.zone)
