"""Why a request is refused. The caller must act on each of these."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the request breaks.

    `place` is the path to the value, such as ``("groups", 0, "any_of", 1, "level")``; `rule` is a fixed name; `detail` says
    what would be right and never repeats the value.
    """

    place: Place
    rule: str
    detail: str

    @property
    def path(self) -> str:
        return ".".join(map(str, self.place))


class Refused(Exception):
    """Base of all refusals: nothing was changed and nothing was published."""


class RulesBroken(Refused):
    """The request breaks one or more rules; all of them are named together."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{violation.path}: {violation.detail}" for violation in self.violations))


class NotNow(Refused):
    """The request is sound, but not possible in the current state. `rule` is a fixed name; the detail says what to do."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule


class RateReached(Refused):
    """Base of the refusals of what was asked for too often; the next request is taken after `retry_after_s` seconds."""

    limit: ClassVar[str]

    def __init__(self, most: int, retry_after_s: int) -> None:
        super().__init__(self.limit.format(most=most))
        self.retry_after_s = retry_after_s


class IntroductionRateReached(RateReached):
    """As many introductions of an opening as operators allow in 24 hours."""

    limit = "An opening may ask for {most} introductions in 24 hours; try again later."


class PreviewRateReached(RateReached):
    """As many previews of an employer as operators allow in 24 hours."""

    limit = "An employer may ask for {most} previews in 24 hours; try again later."


class PreviewsWaiting(RateReached):
    """As many previews as may wait for their counts at a time."""

    limit = "{most} previews wait for their counts; try again when those are answered."


class NoSuchThing(Refused):
    """There is no such thing, or it belongs to another organisation: both are answered alike."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is no such {kind}.")


class VersionMismatch(Refused):
    """Somebody else has changed the opening or the introduction at the same time."""

    def __init__(self, kind: str = "opening") -> None:
        super().__init__(f"The {kind} has been changed in the meantime: read it again before changing it.")
