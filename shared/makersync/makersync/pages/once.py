"""Forms that are sent twice: by a double click, a reload, or a browser that tries again. They act once."""

import secrets
from collections.abc import Awaitable, Callable

from fastapi.responses import Response

from makersync.http.idempotency import Creation, request_digest
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.visit import Visit

#: The name of the field that makes each form that was loaded one of its own.
ONCE_FIELD = "once"
_BYTES, _LONGEST = 16, 64


def new_once() -> str:
    return secrets.token_urlsafe(_BYTES)


async def act_once(visit: Visit, act: Callable[[], Awaitable[Response]]) -> Response:
    """What `act` answers, or the redirect that it answered when the same form came with the same content before. The way back
    in a browser shows the same form again, so that other content is another act."""
    once = visit.form.get(ONCE_FIELD)
    if not 0 < len(once) <= _LONGEST:
        return await act()
    content = repr(sorted((name, tuple(values)) for name, values in visit.form.fields.items()))
    digest = request_digest("POST", visit.request.url.path, content.encode())
    caller = f"member:{visit.signed_in.principal.key_id}"
    response = await Creation(visit.session, visit.wiring.clock, caller, digest, digest).redirect_once(act)
    response.headers.update(PAGE_HEADERS)
    return response
