"""Passwords: which ones are taken, and their salted hashes (Argon2id)."""

import asyncio
import unicodedata
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

from makersync.http.problems import ValidationProblem

SHORTEST, LONGEST = 12, 200
#: Of what zxcvbn gives from 0 to 4: at least ten thousand million guesses.
_LEAST_SCORE = 3
#: zxcvbn reads no more, and what is longer is not guessed by its beginning alone.
_JUDGED = 72
#: Each takes 64 MiB while it is computed.
_AT_ONCE = 2


class Passwords:
    """Makes and compares hashes on threads, a few at a time, so that other requests go on meanwhile."""

    def __init__(self) -> None:
        self._hashes = PasswordHash((Argon2Hasher(),))
        self._threads = ThreadPoolExecutor(_AT_ONCE, "passwords")
        self._nobody: str | None = None

    async def hashed(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hashes.hash, _one_form(password))

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Takes as long without a hash, so that the time does not tell whether there is such a member."""
        if self._nobody is None:
            self._nobody = await self.hashed("")
        stored = password_hash or self._nobody
        is_same = await asyncio.get_running_loop().run_in_executor(self._threads, self._verified, _one_form(password), stored)
        return is_same and bool(password_hash)

    def _verified(self, password: str, password_hash: str) -> bool:
        try:
            return self._hashes.verify(password, password_hash)
        except UnknownHashError:
            return False


def _one_form(password: str) -> str:
    """Keyboards and systems write the same letter in different ways (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def demand_strength(password: str, known: Collection[str]) -> None:
    """`known` are words that an attacker would try first, such as the member's name. Raises ValidationProblem."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValidationProblem.of("password", "password_length", f"must have {SHORTEST} to {LONGEST} characters")
    if zxcvbn(password[:_JUDGED], user_inputs=list(known))["score"] < _LEAST_SCORE:
        raise ValidationProblem.of("password", "password_guessable", "is too easy to guess: take several words")
