"""What a provider publishes about itself (OpenID Connect Discovery 1.0), and its keys (RFC 7517)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from makersync.clock import Clock
from makersync.delivery.targets import UrlRefused, checked_url
from makersync.oidc.asking import Asking
from makersync.oidc.faults import Fault, ProviderRefused
from makersync.oidc.setup import OidcSetup

Key = RSAKey | ECKey
#: Both are read again after an hour; keys earlier where a token names one that is not among them, but no more often than this.
KEPT_S, AGAIN_S = 3600.0, 30.0
#: A provider that gave no answer is left alone for so long.
REST_S = 5.0
#: More keys are not looked at.
_MOST_KEYS = 50
_SHORTEST_RSA = 2048
_WELL_KNOWN = "/.well-known/openid-configuration"
_ID = re.compile(r"[\x20-\x7e]{1,300}")
Published = TypeVar("Published")


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """`names_itself` says that each answer which a browser brings names the issuer (RFC 9207); `takes_basic` that the client's
    secret is taken in a header."""

    authorization_endpoint: str
    token_endpoint: str
    keys_address: str
    names_itself: bool
    takes_basic: bool


class PublishedByProvider:
    """Remembers what the provider published, for all requests of a process."""

    def __init__(self, setup: OidcSetup, asking: Asking, clock: Clock) -> None:
        self._setup, self._asking = setup, asking
        self._metadata = _Kept(clock, self._read_metadata)
        self._keys = _Kept(clock, self._read_keys)

    async def metadata(self) -> ProviderMetadata:
        """Raises ProviderRefused."""
        return await self._metadata.get()

    async def key(self, key_id: str | None, kind: str) -> Key:
        """The key that a token names; where it names none, the only one of its kind, which is `RSA` or `EC`. Raises
        ProviderRefused."""
        found = _chosen(await self._keys.get(), key_id, kind)
        if found is None:
            found = _chosen(await self._keys.get(older_than_s=AGAIN_S), key_id, kind)
        if found is None:
            raise ProviderRefused(Fault.UNKNOWN_KEY)
        return found

    async def _read_metadata(self) -> ProviderMetadata:
        answer = await self._asking.get(self._setup.issuer.rstrip("/") + _WELL_KNOWN)
        if answer.status != 200:
            raise ProviderRefused(Fault.AWAY)
        said = answer.said
        if said.get("issuer") != self._setup.issuer:
            raise ProviderRefused(Fault.MISCONFIGURED)
        methods = said.get("token_endpoint_auth_methods_supported")
        return ProviderMetadata(
            authorization_endpoint=self._address(said, "authorization_endpoint"),
            token_endpoint=self._address(said, "token_endpoint"),
            keys_address=self._address(said, "jwks_uri"),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
        )

    async def _read_keys(self) -> Sequence[Key]:
        answer = await self._asking.get((await self._metadata.get()).keys_address)
        listed = answer.said.get("keys")
        if answer.status != 200 or not isinstance(listed, list):
            raise ProviderRefused(Fault.AWAY)
        keys = [_key(each) for each in listed[:_MOST_KEYS] if isinstance(each, dict)]
        return [each for each in keys if each is not None]

    def _address(self, said: Mapping[str, Any], name: str) -> str:
        try:
            return checked_url(str(said.get(name, "")), self._setup.opened)
        except UrlRefused as unfit:
            raise ProviderRefused(Fault.MISCONFIGURED) from unfit


class _Kept(Generic[Published]):
    """What was read last. Whoever finds it too old reads it, one at a time; that it failed is known to all for a moment."""

    def __init__(self, clock: Clock, read: Callable[[], Awaitable[Published]]) -> None:
        self._clock, self._read, self._lock = clock, read, asyncio.Lock()
        self._last: tuple[float, Published] | None = None
        self._failed: tuple[float, Fault] | None = None

    async def get(self, older_than_s: float = KEPT_S) -> Published:
        """Read again where what is known is older. Raises ProviderRefused."""
        async with self._lock:
            now = self._clock.monotonic()
            if self._last is not None and now - self._last[0] < older_than_s:
                return self._last[1]
            if self._failed is not None and now - self._failed[0] < REST_S:
                raise ProviderRefused(self._failed[1])
            try:
                self._last = now, await self._read()
            except ProviderRefused as refused:
                self._failed = self._clock.monotonic(), refused.fault
                raise
            return self._last[1]


def _key(listed: Mapping[str, Any]) -> Key | None:
    """None for a key that no ID token may be signed with: a symmetric one, one for encryption, or a weak one."""
    if listed.get("kty") not in ("RSA", "EC") or listed.get("use", "sig") != "sig":
        return None
    public = {name: listed[name] for name in ("kty", "n", "e", "crv", "x", "y", "kid") if isinstance(listed.get(name), str)}
    try:
        key = import_key(public)
    except (JoseError, ValueError, TypeError):
        return None
    if isinstance(key, RSAKey):
        return key if key.public_key.key_size >= _SHORTEST_RSA else None
    return key if isinstance(key, ECKey) else None


def _chosen(keys: Sequence[Key], key_id: str | None, kind: str) -> Key | None:
    if key_id is not None and _ID.fullmatch(key_id) is None:
        return None
    fit = [each for each in keys if each.key_type == kind and key_id in (None, each.kid)]
    return fit[0] if len(fit) == 1 else None
