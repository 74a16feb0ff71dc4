"""What the hash of a password costs whoever guesses."""

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from makersync.members import passwords


async def test_a_hash_costs_as_much_memory_and_time_as_is_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: tests hash quickly, and defaults of a library change. At least RFC 9106, 4: 64 MiB, three passes, four lanes."""
    monkeypatch.setattr(passwords, "Argon2Hasher", Argon2Hasher)
    made = await passwords.Passwords().hashed("seven lathes under a violet crane")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_tests_hash_quickly() -> None:
    assert "$m=8,t=1,p=1$" in await passwords.Passwords().hashed("seven lathes under a violet crane")
