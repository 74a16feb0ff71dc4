"""What the auditor remembers about the log, in little memory."""

from random import Random

import pytest

from makersync.effects import last_versions
from makersync.effects.last_versions import LastVersions


@pytest.mark.parametrize("least", [1, 7, 1000])
def test_the_last_version_of_every_key_is_found(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: sorting keeps the later of two versions even if it is the smaller one, and finds the keys at both ends."""
    monkeypatch.setattr(last_versions, "LEAST", least)
    rng, plain, found = Random(1), dict[str, int](), LastVersions()
    for _ in range(200):
        some = {f"region/{rng.randrange(300)}": rng.randrange(1, 2**62) for _ in range(rng.randrange(8))}
        plain |= some
        found.put(some)
        keys = [f"region/{number}" for number in rng.sample(range(310), 40)]
        assert found.of(keys) == [plain.get(key, 0) for key in keys]
    assert found.of(list(plain)) == list(plain.values())
    assert len(plain) <= len(found) <= 2 * len(plain)


@pytest.mark.parametrize("least", [1, 7, 1000])
def test_keys_that_another_place_has_only_in_older_versions_are_counted(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: keys that were sorted in and come again count once, and later changes do not affect the behind."""
    monkeypatch.setattr(last_versions, "LEAST", least)
    rng = Random(2)
    for _ in range(20):
        plain, found = dict[str, int](), LastVersions()
        for _ in range(rng.randrange(60)):
            some = {f"region/{rng.randrange(90)}": rng.randrange(5) for _ in range(rng.randrange(8))}
            plain |= some
            found.put(some)
        behind = found.keys_behind()
        found.put({"region/later": 9, "region/1": 99})
        known = {f"region/{number}": rng.randrange(5) for number in rng.sample(range(99), 50)}
        behind.settle(known)
        behind.settle({})
        assert behind.left == sum(version > known.get(key, 0) for key, version in plain.items())


def test_no_version_is_known_at_first() -> None:
    assert LastVersions().of(["region/ann"]) == [0]
    assert LastVersions().of([]) == []
