"""Why a handler cannot do what is asked; what the rules forbid is in `learners.domain.errors`."""


class Absent(Exception):
    """There is no such thing, or none that the caller may know of: both answer alike."""


class Stale(Exception):
    """Somebody else changed it between the reading and the writing of this transaction."""
