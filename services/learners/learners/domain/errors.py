"""What the caller did that the rules do not allow."""


class RuleBroken(ValueError):
    """A value breaks a rule. `field` is its path in the request, `rule` a fixed name; the detail never repeats the value."""

    def __init__(self, field: str, rule: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.rule = rule
        self.detail = detail


class NotPossible(Exception):
    """The request is sound, but not in the state that the thing is in, such as reinstating what is not suspended."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
