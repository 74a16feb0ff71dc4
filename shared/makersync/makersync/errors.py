"""Errors say who must act: the operator (halt, alert), or nobody (retry). The caller's are in `makersync.http.problems`."""


class OperatorError(Exception):
    """Something only an operator can mend; the message says what to do. Commands print it and end with status 2."""


class RetryLater(Exception):
    """A passing fault: the same step may succeed later. Nothing was changed."""


class Fenced(Exception):
    """Another owner took this partition or lease: what was under way must be dropped, whole."""


class LogReplaced(Exception):
    """The broker's log is not the one this service has worked on: the process ends, and its start decides what follows."""
