"""An employer: who publishes openings."""

from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Employer:
    """An organisation that an operator admitted; its keys act for it alone."""

    employer_id: str
    name: str
    created_at: datetime
