"""What is stored is known by keyed hashes, which must never change: nobody could sign in, and no key or link would be known."""

import pytest

from makersync.http.keyed_hashes import KeyedHashes, keyed_hash
from makersync.mail.tokens import MailTokens

PEPPER = bytes(range(32))


def test_api_keys_are_known_by_the_same_hash_in_every_release() -> None:
    assert keyed_hash(PEPPER, "token") == "799ef35acf21da6109953721bac8e63fcef145cf7d97915acf277349c7282a9c"


def test_links_of_learners_are_known_by_the_same_hash_in_every_release() -> None:
    hashed = keyed_hash(PEPPER, "token", b"learner-link:")
    assert hashed == "d264dd62b911eb85f39566f6c40b81b616ca29913e08c5af9835d6d4e4828436"


def test_links_in_mail_are_known_by_the_same_hash_in_every_release() -> None:
    assert MailTokens(PEPPER).digest("token") == "68229abc1bb83d2db4361d6d8e3514fb58d4c4fab9bd9c94c286493a805d47f2"


def test_sessions_are_known_by_the_same_hash_in_every_release() -> None:
    hashed = KeyedHashes(PEPPER, "member session").of("token")
    assert hashed == "becb9f49af9ec7555183f2ed7fb464cb70e7c387fdb2fefe72cc7744077d1c6f"


@pytest.mark.parametrize(("given", "is_same"), [("a", True), ("b", False), ("", False), ("ä", False)])
def test_a_hash_is_compared_whole(given: str, is_same: bool) -> None:
    assert KeyedHashes.is_same(given, "a") is is_same
