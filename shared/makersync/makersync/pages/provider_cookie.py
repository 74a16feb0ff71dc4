"""The cookie of a browser that is sent to the OpenID provider: what comes back is taken from this browser alone."""

from fastapi import Request
from fastapi.responses import Response

from makersync.http.keyed_hashes import LONGEST_TOKEN, new_token
from makersync.members.provider_requests import REQUEST


class ProviderCookie:
    """One for all tabs, so that several can be on their way at the same time. `session_cookie` is the name of the cookie that
    members are signed in with, which is of one service."""

    def __init__(self, session_cookie: str) -> None:
        self.name = f"{session_cookie}-provider"

    def token(self, request: Request) -> str:
        """Empty without one."""
        return request.cookies.get(self.name, "")

    def token_or_new(self, request: Request) -> str:
        token = self.token(request)
        return token if 0 < len(token) <= LONGEST_TOKEN else new_token()

    def keep(self, answer: Response, token: str) -> Response:
        """Lax: the provider sends the browser back by a link, and by nothing else."""
        most = int(REQUEST.total_seconds())
        answer.set_cookie(self.name, token, most, path="/", secure=True, httponly=True, samesite="lax")
        return answer
