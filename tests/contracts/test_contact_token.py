"""The digest of a contact's token, which one service publishes and the other compares."""

from contracts.contact_token import token_digest


def test_the_digest_is_the_sha_256_of_id_colon_and_token() -> None:
    """Guards: tokens that were given before an upgrade must work after it. The value is that of `sha256sum`."""
    assert token_digest("int_1", "secret") == "adaf67842035b4464e6a6d6d09ae8b018382252178c81be457cc38f003257270"
