"""Whom an ID token proves (OpenID Connect Core 1.0, 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError

from makersync.oidc.faults import Fault, ProviderRefused
from makersync.oidc.provider import PublishedByProvider
from makersync.oidc.setup import OidcSetup

#: By the kind of key that they need. None is symmetric: a key that is published must sign nothing that is believed.
ALGORITHMS: Mapping[str, str] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
}
#: So far the clocks of the provider and of this service may be apart, seconds.
LEEWAY_S = 60
_LONGEST_TOKEN, _LONGEST_SUBJECT, _LONGEST_ADDRESS = 32 * 1024, 255, 254
_FAULTS: Mapping[str, Fault] = {
    "iss": Fault.WRONG_ISSUER,
    "aud": Fault.WRONG_AUDIENCE,
    "azp": Fault.WRONG_AUDIENCE,
    "nonce": Fault.WRONG_NONCE,
    "iat": Fault.WRONG_TIME,
    "nbf": Fault.WRONG_TIME,
}


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """An account at a provider, which never gives its `subject` to another person. `address` is one that the provider has
    verified, None where it says of none; it may be another tomorrow. `proven_at` is when the person last proved it, in seconds
    since 1970, None where the provider does not say."""

    issuer: str
    subject: str
    address: str | None
    proven_at: int | None


async def verified(token: object, setup: OidcSetup, provider: PublishedByProvider, nonce: str, now: datetime) -> ProvenIdentity:
    """Raises ProviderRefused."""
    if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
        raise ProviderRefused(Fault.UNFIT)
    try:
        header = jws.extract_compact(token.encode()).headers()
        algorithm, key_id = header.get("alg"), header.get("kid")
        kind = ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
        if kind is None or not isinstance(key_id, str | None):
            raise ProviderRefused(Fault.UNFIT)
        opened = jwt.decode(token, await provider.key(key_id, kind), [str(algorithm)])
        claims = _checked(opened, setup, nonce, now)
    except ClaimError as error:
        fault = Fault.WRONG_TIME if isinstance(error, ExpiredTokenError) else _FAULTS.get(error.claim, Fault.UNFIT)
        raise ProviderRefused(fault) from error
    except (JoseError, ValueError) as error:
        raise ProviderRefused(Fault.UNFIT) from error
    return _identity(claims, setup)


def _checked(opened: jwt.Token, setup: OidcSetup, nonce: str, now: datetime) -> Mapping[str, Any]:
    """Raises JoseError."""
    expected = {
        "iss": {"essential": True, "value": setup.issuer},
        "aud": {"essential": True, "value": setup.client_id},
        "nonce": {"essential": True, "value": nonce},
    }
    claims = CodeIDToken(opened.claims, opened.header, expected, {"nonce": nonce, "client_id": setup.client_id})
    claims.validate(int(now.timestamp()), LEEWAY_S)
    checked: Mapping[str, Any] = claims
    return checked


def _identity(claims: Mapping[str, Any], setup: OidcSetup) -> ProvenIdentity:
    subject, address, proven_at = claims["sub"], claims.get("email"), claims.get("auth_time")
    if not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderRefused(Fault.UNFIT)
    is_verified = claims.get("email_verified") is True and isinstance(address, str) and len(address) <= _LONGEST_ADDRESS
    return ProvenIdentity(
        issuer=setup.issuer,
        subject=subject,
        address=address if is_verified else None,
        proven_at=int(proven_at) if isinstance(proven_at, int | float) else None,
    )
