"""Why a wish of an employer is refused; the caller must act on each of them."""

from collections.abc import Iterable
from dataclasses import dataclass

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that what was sent breaks. `place` leads to it, such as ``("groups", 0, "any_of", 1, "level")``; `rule` is a
    fixed name, `detail` says what would be right and never repeats what was sent."""

    place: Place
    rule: str
    detail: str

    @property
    def path(self) -> str:
        return ".".join(map(str, self.place))


class Refused(Exception):
    """Base of the refusals: nothing was changed and nothing published."""


class RulesBroken(Refused):
    """What was sent breaks rules, all of them named together."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{violation.path}: {violation.detail}" for violation in self.violations))


class NotNow(Refused):
    """What was asked is fine in itself, but not in the state that the opening is in; the message says what to do."""


class NoSuchThing(Refused):
    """There is no such thing, or it is another organisation's: the two answer alike."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is no such {kind}.")


class VersionMismatch(Refused):
    """Somebody else changed the opening at the same time."""

    def __init__(self) -> None:
        super().__init__("The opening was changed meanwhile: read it again before changing it.")
