"""Why the service refuses what is asked of it."""

from collections.abc import Sequence


class RuleBroken(ValueError):
    """A value breaks a rule. `field` is its path in the request, `rule` a fixed name; the detail never repeats the value."""

    def __init__(self, field: str, rule: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.rule = rule
        self.detail = detail


class NotPossible(Exception):
    """The request is sound, but not possible in the present state, such as reinstating what is not suspended."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail


class Absent(Exception):
    """There is no such thing, or none that the caller may know of: the answer is the same."""


class MergedLearner(Absent):
    """The learner was merged into another of the same provider, with the id `successor`."""

    def __init__(self, learner_id: str, successor: str) -> None:
        self.rule = "merged"
        self.detail = f"The learner was merged into {successor}."
        super().__init__(self.detail)
        self.learner_id = learner_id
        self.successor = successor


class Stale(Exception):
    """Somebody else changed it after this transaction had read it."""


class InvalidDefinitions(ValueError):
    """Entries of a file break rules. `problems` has the first of each entry, with a place such as `credentials.3.name`."""

    def __init__(self, problems: Sequence[RuleBroken]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class NoLongerOpen(Exception):
    """What a link or token opened is not open any more."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
