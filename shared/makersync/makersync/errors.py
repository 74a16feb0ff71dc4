"""Errors by who must act: the operator (halt, alert) or nobody (retry). Those for the caller are in
`makersync.http.problems`."""


class OperatorError(Exception):
    """Something that only an operator can resolve; the message says what to do. Commands print it and exit with status 2."""


class RetryLater(Exception):
    """A temporary fault: the same step may succeed later. Nothing was changed."""


class Fenced(Exception):
    """Another owner has taken this partition or lease: work in progress must be discarded completely."""


class LogReplaced(Exception):
    """The broker's log is not the one that this service has worked on. The process ends, and its next start decides what
    follows."""
