"""The tokens in the links of mails: random, sealed because every mail carries them, and looked up by a keyed hash."""

from makersync.delivery.sealing import Seal
from makersync.http.keyed_hashes import KeyedHashes, new_token

_PURPOSE = b"makersync mail tokens 1"


class MailTokens:
    """Makes and recognises tokens with the service's pepper."""

    def __init__(self, pepper: bytes) -> None:
        self._seal, self._hashes = Seal(pepper, _PURPOSE), KeyedHashes(pepper, "mail hashes")

    def issued(self, recipient_id: str) -> tuple[bytes, str]:
        """A new token of the recipient: sealed, and its digest."""
        token = new_token()
        return self._seal.sealed(token.encode(), recipient_id), self.digest(token)

    def opened(self, sealed: bytes, recipient_id: str) -> str:
        """The token itself. Raises Unsealable when it was sealed under another pepper."""
        return self._seal.opened(sealed, recipient_id).decode()

    def digest(self, text: str) -> str:
        """Of a token, or of an address that is not to be kept."""
        return self._hashes.of(text)
