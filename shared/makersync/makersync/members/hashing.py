"""Tokens that a browser or a link carries, and the keyed hashes by which they are known."""

import hashlib
import hmac
import secrets

_BYTES = 32
#: Longer texts are no token.
LONGEST_TOKEN = 64


class KeyedHashes:
    """Keyed with the service's pepper; each `purpose` has hashes of its own."""

    def __init__(self, pepper: bytes, purpose: str) -> None:
        self._pepper, self._prefix = pepper, f"makersync {purpose} 1\n".encode()

    def of(self, text: str) -> str:
        return hmac.new(self._pepper, self._prefix + text.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def is_same(given: str, digest: str) -> bool:
        """In a time that does not tell how much of it is right."""
        return hmac.compare_digest(given.encode(), digest.encode())


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)
