"""Passwords: which ones are taken, and their salted hashes (Argon2id)."""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

from makersync.http.problems import ServiceUnavailable, ValidationProblem
from makersync.text import normal_form

SHORTEST, LONGEST = 12, 200
#: Of what zxcvbn gives from 0 to 4: at least ten thousand million guesses.
_LEAST_SCORE = 3
#: zxcvbn takes seconds for long texts, and one whose beginning is hard to guess is hard to guess.
_JUDGED = 32
#: Each takes 64 MiB while it is computed.
_AT_ONCE = 2
_MOST_WAITING = 16
Result = TypeVar("Result")


class Passwords:
    """Makes and compares hashes on threads, a few at a time, so that other requests go on meanwhile."""

    def __init__(self) -> None:
        self._hashes = PasswordHash((Argon2Hasher(),))
        self._threads = ThreadPoolExecutor(_AT_ONCE, "passwords")
        self._nobody: str | None = None
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """Raises ServiceUnavailable."""
        return await self._on_thread(self._hashes.hash, _one_form(password))

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Takes as long without a hash, so that the time does not tell whether there is such a member. Raises
        ServiceUnavailable."""
        if self._nobody is None:
            self._nobody = await self.hashed("")
        stored = password_hash or self._nobody
        is_same = await self._on_thread(self._verified, _one_form(password), stored)
        return is_same and bool(password_hash)

    async def demand_strength(self, password: str, known: Collection[str]) -> None:
        """`known` are words that an attacker would try first, such as the member's name. Raises ValidationProblem and
        ServiceUnavailable."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValidationProblem.of("password", "password_length", f"must have {SHORTEST} to {LONGEST} characters")
        if await self._on_thread(_score, _one_form(password), list(known)) < _LEAST_SCORE:
            raise ValidationProblem.of("password", "password_guessable", "is too easy to guess: take several words")

    async def _on_thread(self, compute: Callable[..., Result], *given: Any) -> Result:
        """What comes while many wait is refused at once: each waits with a place among the service's requests."""
        if self._waiting >= _MOST_WAITING:
            raise ServiceUnavailable("busy", "Too many people sign in at this moment. Try again.", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, partial(compute, *given))
        finally:
            self._waiting -= 1

    def _verified(self, password: str, password_hash: str) -> bool:
        try:
            return self._hashes.verify(password, password_hash)
        except UnknownHashError:
            return False


def words_of(name: str, address: str) -> list[str]:
    """What an attacker who knows the member tries first."""
    return [name, *name.split(), *address.replace("@", " ").split(), "makersync"]


def _one_form(password: str) -> str:
    """Keyboards and systems write the same letter in different ways (NIST SP 800-63B, 3.1.1.2)."""
    return normal_form("NFKC", password)


def _score(password: str, known: list[str]) -> int:
    """From 0 to 4, as zxcvbn judges it."""
    return int(zxcvbn(password[:_JUDGED], user_inputs=known)["score"])
