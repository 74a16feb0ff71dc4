"""Signatures as receivers verify them, and secrets at rest."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from makersync.clock import WallClock
from makersync.delivery.sealing import Seal, Unsealable
from makersync.delivery.signing import Signing, new_secret, signed_headers

BODY = b'{"type":"match.proposed","data":{"position":1}}'


def test_a_receiver_with_the_secret_verifies_a_message() -> None:
    secret = new_secret(Signing.HMAC)
    assert secret.shown is not None and secret.shown.startswith("whsec_")
    headers = dict(signed_headers("msg_a_1", WallClock().now(), BODY, [secret]))
    assert Webhook(secret.shown).verify(BODY, headers)["data"] == {"position": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret.shown).verify(BODY.replace(b"1", b"2"), headers)
    other = new_secret(Signing.HMAC).shown
    assert other is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)


def test_during_a_rotation_either_secret_verifies_a_message() -> None:
    secrets = [new_secret(Signing.HMAC), new_secret(Signing.HMAC)]
    headers = dict(signed_headers("msg_a_1", WallClock().now(), BODY, secrets))
    for secret in secrets:
        assert secret.shown is not None
        Webhook(secret.shown).verify(BODY, headers)


def test_a_receiver_verifies_with_the_public_key() -> None:
    secret = new_secret(Signing.ED25519)
    assert secret.shown is None
    headers = signed_headers("msg_a_1", WallClock().now(), BODY, [secret])
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1a"
    prefix, _, text = str(secret.public_key).partition("_")
    assert prefix == "whpk"
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text))
    signed = b".".join((b"msg_a_1", headers["webhook-timestamp"].encode(), BODY))
    key.verify(base64.b64decode(signature), signed)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature), signed + b" ")


def test_a_sealed_secret_opens_for_its_webhook_under_its_pepper_alone() -> None:
    seal = Seal(b"p" * 32)
    sealed = seal.sealed(b"secret", "whk_1")
    assert b"secret" not in sealed
    assert seal.sealed(b"secret", "whk_1") != sealed
    assert seal.opened(sealed, "whk_1") == b"secret"
    for other, webhook_id in ((seal, "whk_2"), (Seal(b"q" * 32), "whk_1")):
        with pytest.raises(Unsealable):
            other.opened(sealed, webhook_id)
