"""This service as a client of an OpenID provider: the authorization code flow with PKCE (RFC 6749, 7636, 9700)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from makersync.clock import Clock
from makersync.delivery.outbound import Outbound
from makersync.oidc.asking import Asking
from makersync.oidc.faults import Fault, ProviderRefused
from makersync.oidc.id_tokens import ProvenIdentity, verified
from makersync.oidc.provider import ProviderMetadata, PublishedByProvider
from makersync.oidc.setup import OidcSetup

_SCOPE = "openid email"
#: Longer texts are no code.
_LONGEST_CODE = 4000


@dataclass(frozen=True, slots=True)
class RequestSecrets:
    """Of one request to the provider. `state` comes back with the browser, `nonce` in the token, and `verifier` is given with
    the code; all of them belong to one browser."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Return:
    """What a browser brings back from the provider."""

    code: str
    error: str
    issuer: str


class RelyingParty:
    """One for all requests of a process."""

    def __init__(self, setup: OidcSetup, clock: Clock, outbound: Outbound | None = None) -> None:
        self.setup, self._clock = setup, clock
        self._asking = Asking(outbound or Outbound(setup.opened))
        self._provider = PublishedByProvider(setup, self._asking, clock)

    async def address(self, secrets: RequestSecrets, proves_anew: bool = False) -> str:
        """Where the browser is sent to; with `proves_anew` the person has to prove who it is once more. Raises
        ProviderRefused."""
        metadata = await self._provider.metadata()
        anew = {"prompt": "login", "max_age": "0"} if proves_anew else {}
        address: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self.setup.client_id,
            "code",
            self.setup.redirect_uri,
            _SCOPE,
            secrets.state,
            nonce=secrets.nonce,
            code_challenge=create_s256_code_challenge(secrets.verifier),
            code_challenge_method="S256",
            **anew,
        )
        return address

    async def proven(self, brought: Return, secrets: RequestSecrets) -> ProvenIdentity:
        """Who came back. Raises ProviderRefused."""
        metadata = await self._provider.metadata()
        if brought.issuer != self.setup.issuer and (brought.issuer or metadata.names_itself):
            raise ProviderRefused(Fault.WRONG_ISSUER)
        if brought.error:
            raise ProviderRefused(Fault.DENIED if brought.error == "access_denied" else Fault.REFUSED)
        if not 0 < len(brought.code) <= _LONGEST_CODE:
            raise ProviderRefused(Fault.REFUSED)
        token = await self._token(metadata, brought.code, secrets.verifier)
        return await verified(token, self.setup, self._provider, secrets.nonce, self._clock.now())

    async def _token(self, metadata: ProviderMetadata, code: str, verifier: str) -> object:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.setup.redirect_uri,
            "client_id": self.setup.client_id,
            "code_verifier": verifier,
        }
        headers: Mapping[str, str] = {}
        if self.setup.client_secret and metadata.takes_basic:
            headers = {"authorization": _basic(self.setup)}
        elif self.setup.client_secret:
            form["client_secret"] = self.setup.client_secret
        answer = await self._asking.post(metadata.token_endpoint, urlencode(form).encode(), headers)
        if answer.said.get("error") == "invalid_grant":
            raise ProviderRefused(Fault.CODE_OVER)
        if answer.status != 200:
            raise ProviderRefused(Fault.MISCONFIGURED)
        return answer.said.get("id_token")


def _basic(setup: OidcSetup) -> str:
    """Both are encoded as in a form first (RFC 6749, 2.3.1)."""
    pair = f"{quote_plus(setup.client_id)}:{quote_plus(setup.client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
