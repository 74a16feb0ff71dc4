"""Signatures after Standard Webhooks 1.0: `v1` with a shared secret (HMAC-SHA256), `v1a` with a key pair (ed25519)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_BYTES = 32


class Signing(StrEnum):
    """How messages are signed: with a secret that the receiver has too, or with a private key whose public one it has."""

    HMAC = "hmac"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """What one webhook's messages are signed with: the bytes of the shared secret or of the private key."""

    signing: Signing
    content: bytes = field(repr=False)

    @property
    def shown(self) -> str | None:
        """What the receiver must keep secret, shown once; None where the receiver needs the public key only."""
        return f"whsec_{_text(self.content)}" if self.signing is Signing.HMAC else None

    @property
    def public_key(self) -> str | None:
        if self.signing is Signing.HMAC:
            return None
        return f"whpk_{_text(self._private_key().public_key().public_bytes_raw())}"

    def signature(self, content: bytes) -> str:
        if self.signing is Signing.HMAC:
            return f"v1,{_text(hmac.new(self.content, content, hashlib.sha256).digest())}"
        return f"v1a,{_text(self._private_key().sign(content))}"

    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.content)


def new_secret(signing: Signing) -> SigningSecret:
    return SigningSecret(signing, secrets.token_bytes(SECRET_BYTES))


def signed_headers(message_id: str, at: datetime, body: bytes, keys: Iterable[SigningSecret]) -> Mapping[str, str]:
    """The headers of one attempt; with several secrets, as many signatures, of which the receiver needs one."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(key.signature(content) for key in keys),
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
