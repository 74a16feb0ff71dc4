"""Tokens that a program, a browser or a link carries, and the keyed hashes by which they are known."""

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
        return keyed_hash(self._pepper, text, self._prefix)

    @staticmethod
    def is_same(given: str, digest: str) -> bool:
        """In a time that does not tell how much of it is right."""
        return hmac.compare_digest(given.encode(), digest.encode())


def keyed_hash(pepper: bytes, text: str, prefix: bytes = b"") -> str:
    """HMAC-SHA-256, in hexadecimal. What is new has `KeyedHashes`; other prefixes are those of hashes that are kept already."""
    return hmac.new(pepper, prefix + text.encode(), hashlib.sha256).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)
