"""The tokens in the links of mails: random, sealed because every mail carries them, and looked up by a keyed hash."""

import hashlib
import hmac
import secrets

from makersync.delivery.sealing import Seal

_SECRET_BYTES = 32
#: Longer texts in an address are no token.
LONGEST_TOKEN = 64
_SEALED, _HASHED = b"makersync mail tokens 1", b"makersync mail hashes 1\n"


class MailTokens:
    """Makes and recognises tokens with the service's pepper."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper, self._seal = pepper, Seal(pepper, _SEALED)

    def issued(self, recipient_id: str) -> tuple[bytes, str]:
        """A new token of the recipient: sealed, and its digest."""
        token = secrets.token_urlsafe(_SECRET_BYTES)
        return self._seal.sealed(token.encode(), recipient_id), self.digest(token)

    def opened(self, sealed: bytes, recipient_id: str) -> str:
        """The token itself. Raises Unsealable when it was sealed under another pepper."""
        return self._seal.opened(sealed, recipient_id).decode()

    def digest(self, text: str) -> str:
        """Of a token, or of an address that is not to be kept."""
        return hmac.new(self._pepper, _HASHED + text.encode(), hashlib.sha256).hexdigest()
