"""The secret that keys the hashes of API keys, so that a stolen database alone cannot be used to verify guesses."""

import os
import secrets
from pathlib import Path

from makersync.errors import OperatorError
from makersync.settings import Settings

SHORTEST = 32
EMBEDDED_FILE = "key-pepper"


def read_pepper(settings: Settings) -> bytes:
    """The pepper from the settings or its file; the embedded profile creates one if there is none.

    Raises OperatorError if it is missing (cluster profile), unreadable or shorter than 32 bytes.
    """
    if configured := settings.key_pepper.get_secret_value():
        return _long_enough(configured.encode(), "MAKERSYNC_KEY_PEPPER")
    if settings.key_pepper_file is not None:
        return _from_file(settings.key_pepper_file)
    if settings.profile == "cluster":
        raise OperatorError(
            "Set MAKERSYNC_KEY_PEPPER or MAKERSYNC_KEY_PEPPER_FILE: the secret that keys the hashes of API keys."
        )
    path = settings.state_folder / EMBEDDED_FILE
    if not path.exists():
        _create(path)
    return _from_file(path)


def _from_file(path: Path) -> bytes:
    try:
        content = path.read_bytes().strip()
    except OSError as error:
        raise OperatorError(f"The key pepper file {path} cannot be read: {error.strerror}.") from error
    return _long_enough(content, str(path))


def _long_enough(pepper: bytes, source: str) -> bytes:
    if len(pepper) < SHORTEST:
        raise OperatorError(f"The key pepper in {source} is shorter than {SHORTEST} bytes.")
    return pepper


def _create(path: Path) -> None:
    """Link a finished file into place: if several processes start at once, one of them wins and none reads a partial file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
