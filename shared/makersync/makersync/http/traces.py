"""The trace that a caller asks for, from `X-Correlation-Id` and the W3C `traceparent`."""

import re
import uuid

from makersync.tracing import Trace

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
#: W3C Trace Context: version, trace id, parent id, flags. All-zero ids and version ff are invalid; later versions may add
#: fields.
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]{1,200})?")


def accepted_trace(correlation_id: str | None, traceparent: str | None) -> Trace:
    """An unusable correlation id is replaced by a new one; an invalid traceparent is dropped, as the W3C requires."""
    return Trace(
        correlation_id if correlation_id and _CORRELATION_ID.fullmatch(correlation_id) else str(uuid.uuid4()),
        traceparent if traceparent and _is_traceparent(traceparent) else None,
    )


def _is_traceparent(text: str) -> bool:
    match = _TRACEPARENT.fullmatch(text)
    return match is not None and not (match[1] == "00" and match[2])
