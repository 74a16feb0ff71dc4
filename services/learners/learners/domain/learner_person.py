"""Who a learner is. Personal data: it is in this service's database alone and reaches no topic, log or trace."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from learners.domain.errors import RuleBroken
from learners.domain.values import line
from makersync.text import name_key

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,28}[0-9]", re.ASCII)
_EMAIL_LENGTH = 254
_NUMBER_LENGTH = 40
#: More words than anybody types, and than a name needs to be found by.
_MOST_WORDS = 12
_MOST_SOUGHT = 6


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A name, how to reach them, and the number that the provider knows them by. Without a repr, so that it cannot slip into a
    log."""

    name: str
    email: str | None = None
    phone: str | None = None
    student_number: str | None = None


def person(name: str, email: str | None, phone: str | None, student_number: str | None = None) -> Person:
    """Raises RuleBroken."""
    number = None if student_number is None else line("person.student_number", student_number, _NUMBER_LENGTH)
    return Person(line("person.name", name), _email(email), _phone(phone), number)


def search_terms(person: Person) -> frozenset[str]:
    """What the person is found by: each is found by its beginning, in any case and without accents or punctuation."""
    whole = (text for text in (person.email, person.student_number) if text is not None)
    return frozenset(name_key(text) for text in (*_words(person.name), *whole))


def sought_terms(text: str) -> tuple[str, ...]:
    """What somebody who types this looks for: all of it must be found. Of many words the longest, which find the fewest."""
    return tuple(sorted(dict.fromkeys(name_key(word) for word in text.split()), key=len, reverse=True)[:_MOST_SOUGHT])


def unique_terms(person: Person) -> frozenset[str]:
    """The terms that no two people should share: of the e-mail address and the student number."""
    return frozenset(name_key(text) for text in (person.email, person.student_number) if text is not None)


def _words(name: str) -> Iterator[str]:
    """Those between spaces, and the parts of those that are put together, such as `Mary-Ann`."""
    for word in name.split()[:_MOST_WORDS]:
        yield word
        yield from "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in word).split()


def _email(value: str | None) -> str | None:
    if value is None:
        return None
    if len(value) > _EMAIL_LENGTH or not value.isprintable() or not _EMAIL.fullmatch(value):
        raise RuleBroken("person.email", "email", "is not an e-mail address")
    return value


def _phone(value: str | None) -> str | None:
    if value is None:
        return None
    if not _PHONE.fullmatch(value):
        raise RuleBroken("person.phone", "phone", "is not a telephone number")
    return value
