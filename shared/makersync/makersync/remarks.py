"""What the rules say of something that was taken, though a person would ask twice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about one field, by its path in what was sent. `rule` is a fixed name; `detail` says what to look at."""

    field: str
    rule: str
    detail: str
