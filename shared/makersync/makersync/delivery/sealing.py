"""Secrets at rest: AES-GCM under a key that is derived from the service's pepper, so that a stolen database alone signs
nothing."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"makersync webhook secrets 1"
_KEY_BYTES, _NONCE_BYTES = 32, 12


class Unsealable(Exception):
    """The secret was sealed under another pepper, or is another webhook's. The organisation must rotate it."""


class Seal:
    """Seals and opens secrets of one purpose. What was sealed for one owner, such as a webhook, does not open for another."""

    def __init__(self, pepper: bytes, purpose: bytes = _PURPOSE) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), _KEY_BYTES, None, purpose).derive(pepper))

    def sealed(self, secret: bytes, owner_id: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, owner_id.encode())

    def opened(self, sealed: bytes, owner_id: str) -> bytes:
        """Raises Unsealable."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner_id.encode())
        except InvalidTag as error:
            raise Unsealable(owner_id) from error
