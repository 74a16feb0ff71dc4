"""A small OpenID provider on loopback, which tests start, and which misbehaves as they want it to."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from makersync.oidc import asking

CLIENT, SECRET = "makersync:openings", "a secret, with % and é"
METADATA, KEYS, AUTHORIZE, TOKEN = "/.well-known/openid-configuration", "/keys", "/authorize", "/token"
Misbehaviour = Callable[[Request], Awaitable[Response]]
#: Made once: an RSA key takes a moment.
_KEYS = {"first": RSAKey.generate_key(2048, {"kid": "first"}), "second": ECKey.generate_key("P-256", {"kid": "second"})}


@dataclass
class OpenIdProvider:
    """`subject` is who is signed in there now, `claims` replace those of the next tokens (None leaves one out), `published`
    those of the metadata, and `misbehaving` answers at a path instead. With `asks` it shows a page with a button, as real ones
    do; else it sends every browser back at once. Tokens are signed with the key `signs_with`."""

    now: Callable[[], datetime]
    port: int = 0
    subject: str = "sub-jo"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    misbehaving: dict[str, Misbehaviour] = field(default_factory=dict)
    brought_back: dict[str, str] = field(default_factory=dict)
    asks: bool = False
    signs_with: str = "first"
    listed: list[str] = field(default_factory=lambda: ["first"])
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def application(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        def serve(path: str, handler: Callable[[Request], Awaitable[Response]], *methods: str) -> None:
            async def serving(request: Request) -> Response:
                self.asked.append(path)
                return await self.misbehaving.get(path, handler)(request)

            app.router.add_route(path, serving, methods=list(methods))

        serve(METADATA, self._metadata, "GET")
        serve(KEYS, self._keys, "GET")
        serve(AUTHORIZE, self._authorize, "GET", "POST")
        serve(TOKEN, self._token, "POST")
        return app

    async def _metadata(self, _request: Request) -> Response:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + AUTHORIZE,
            "token_endpoint": self.issuer + TOKEN,
            "jwks_uri": self.issuer + KEYS,
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(said | self.published)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [_KEYS[each].as_dict(private=False) for each in self.listed]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256" and asked["response_type"] == "code"
        if self.asks and request.method == "GET":
            return HTMLResponse("<!doctype html><title>Works login</title><form method=post><button>I am Jo</button></form>")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer} | self.brought_back
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({k: v for k, v in back.items() if v})}", 302)

    async def _token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        assert basic == "makersync%3Aopenings:a+secret%2C+with+%25+and+%C3%A9"
        asked = self.codes.pop(given["code"], None)
        challenge = _part(hashlib.sha256(given["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != given["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: Mapping[str, str]) -> str:
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "email": "jo@acme.example",
            "email_verified": True,
        }
        if "max_age" in asked:
            claims["auth_time"] = now
        kept = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.header.get("alg") == "none":
            return f"{_part(_json(self.header))}.{_part(_json(kept))}."
        if self.header.get("alg") == "HS256":
            # What everybody knows, the public key, as if it were a shared secret.
            signed = f"{_part(_json(self.header))}.{_part(_json(kept))}"
            secret = _KEYS["first"].as_pem(private=False)
            return f"{signed}.{_part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"
        key = _KEYS[self.signs_with]
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": self.signs_with} | self.header, kept, key, [algorithm])


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode()


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()


@asynccontextmanager
async def openid_provider(now: Callable[[], datetime]) -> AsyncIterator[OpenIdProvider]:
    """A machine that is busy with other tests is no slow provider: it is given a minute to answer."""
    provider = OpenIdProvider(now)
    listener = socket.create_server(("127.0.0.1", 0))
    provider.port = listener.getsockname()[1]
    server = _Server(uvicorn.Config(provider.application(), log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        with patch.object(asking, "LONGEST_S", 60.0):
            yield provider
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listener.close()
