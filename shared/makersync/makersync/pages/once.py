"""Forms that are sent twice: by a double click, a reload, or a browser that tries again. They act once."""

import secrets
from collections.abc import Awaitable, Callable

from fastapi.responses import Response

from makersync.http.idempotency import REPLAYED_HEADER, Creation, request_digest
from makersync.http.problems import Conflict
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.visit import Visit
from makersync.store.actors import member_actor

#: The name of the field that makes each form that was loaded one of its own.
ONCE_FIELD = "once"
_BYTES, _LONGEST = 16, 64
_UNSEEN = "If you did not see what was shown, revoke it and make another; replace the secret of a webhook again."
_REDIRECTS = range(300, 400)
#: Where a request's scope says that what its answer shows is shown by no other.
_SHOWN_ONCE = "makersync.shown_once"


def new_once() -> str:
    return secrets.token_urlsafe(_BYTES)


def shown_once(visit: Visit, answer: Response) -> Response:
    """The page with a secret that this form has made, and that a second run would make another of."""
    visit.request.scope[_SHOWN_ONCE] = True
    return answer


async def act_once(visit: Visit, act: Callable[[], Awaitable[Response]]) -> Response:
    """What `act` answers, or the redirect that it answered when the same form came with the same content just before. The way
    back in a browser shows the same form again, so that other content is another act, and so is the same content once the
    visitor has done something else or a minute has passed: a form that says what it was made from is then refused when that
    has changed. Raises Conflict when the answer before showed what is shown once."""
    once = visit.form.get(ONCE_FIELD)
    if not 0 < len(once) <= _LONGEST:
        return await act()
    content = repr(sorted((name, tuple(values)) for name, values in visit.form.fields.items()))
    digest = request_digest("POST", visit.request.url.path, content.encode())
    caller = member_actor(visit.signed_in.member_id)
    creation = Creation(visit.session, visit.wiring.clock, caller, digest, digest)
    response = await creation.redirect_once(act, lambda: _SHOWN_ONCE in visit.request.scope)
    if REPLAYED_HEADER in response.headers and response.status_code not in _REDIRECTS:
        raise Conflict("done_already", f"This was done already. {_UNSEEN}")
    response.headers.update(PAGE_HEADERS)
    return response
