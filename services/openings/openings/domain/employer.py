"""An employer: who publishes openings."""

from dataclasses import dataclass
from datetime import datetime

from makersync.text import UnfitText, one_line
from openings.domain.errors import RulesBroken, Violation

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Employer:
    """An organisation that an operator has admitted. Its keys act for it alone."""

    employer_id: str
    name: str
    created_at: datetime

    @property
    def is_nameless(self) -> bool:
        return self.name == lost_name(self.employer_id)


def lost_name(employer_id: str) -> str:
    """The placeholder for the lost name of an employer that is known only from its openings."""
    return f"Name lost ({employer_id})"


def checked_name(name: str) -> str:
    """The name in its normal form. Raises RulesBroken."""
    try:
        line = one_line(name)
    except UnfitText as unfit:
        raise RulesBroken([Violation(("name",), unfit.rule, unfit.detail)]) from unfit
    if not 1 <= len(line) <= LONGEST_NAME:
        raise RulesBroken([Violation(("name",), "length", f"must have from 1 to {LONGEST_NAME} characters")])
    return line
