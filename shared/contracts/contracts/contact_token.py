"""The token by which an employer reads a contact: one service gives it, the other checks it (decision 0060)."""

import hashlib


def token_digest(introduction_id: str, token: str) -> str:
    """What is on the topic instead of the token: the SHA-256 in hexadecimal digits of introduction id, colon and token."""
    return hashlib.sha256(f"{introduction_id}:{token}".encode()).hexdigest()
