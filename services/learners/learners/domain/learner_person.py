"""Who a learner is. Personal data: it is in this service's database alone and reaches no topic, log or trace."""

import re
from dataclasses import dataclass

from learners.domain.errors import RuleBroken
from learners.domain.values import line

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,28}[0-9]", re.ASCII)
_EMAIL_LENGTH = 254


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A name and how to reach them. Without a repr, so that it cannot slip into a log."""

    name: str
    email: str | None = None
    phone: str | None = None


def person(name: str, email: str | None, phone: str | None) -> Person:
    """Raises RuleBroken."""
    return Person(line("person.name", name), _email(email), _phone(phone))


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
