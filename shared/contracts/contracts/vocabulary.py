"""The values in which openings and learners are described, the same in every service (MARKET.md sections 3 and 4)."""

from enum import StrEnum


class Necessity(StrEnum):
    """How much a requirement group matters: only a `required` one keeps a learner out."""

    REQUIRED = "required"
    TRAINABLE = "trainable"
    PREFERRED = "preferred"


class OpeningStatus(StrEnum):
    """Whether an employer still looks for people. A closing date that has passed is not a status."""

    OPEN = "open"
    CLOSED = "closed"
    FILLED = "filled"


class Shift(StrEnum):
    """When work is done."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    WEEKEND = "weekend"
    ROTATING = "rotating"


class AwardStatus(StrEnum):
    """Where an award stands: only an `active` one can be in force."""

    ACTIVE = "active"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Evidence(StrEnum):
    """How well an award is proved: `verified` by its issuer's trust, `attested` by a provider's word."""

    VERIFIED = "verified"
    ATTESTED = "attested"
