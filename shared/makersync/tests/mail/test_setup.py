"""Mail is off, with the reasons, wherever a setting is missing or would put somebody at risk."""

from pathlib import Path
from typing import Any

import pytest

from makersync.mail.addresses import AddressUnfit, checked_address
from makersync.mail.setup import MailSetup, mail_setup, public_address_of
from makersync.settings import Settings

SET: dict[str, Any] = {
    "public_address": "https://openings.example.org/market/",
    "mail_from": "Makersync <makersync@example.org>",
    "smtp_host": "smtp.example.org",
}


def settings(**changed: Any) -> Settings:
    return Settings(**(SET | changed))


def test_what_is_set_is_used(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.write_text("secret\n")
    setup = mail_setup(settings(smtp_username="makersync", smtp_password_file=file))
    assert isinstance(setup, MailSetup)
    assert (setup.public_address, setup.sender.addr_spec) == ("https://openings.example.org/market", "makersync@example.org")
    assert (setup.port, setup.tls, setup.password, setup.own_name) == (587, "starttls", "secret", "openings.example.org")
    assert "secret" not in repr(setup)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"public_address": ""}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"public_address": "http://openings.example.org"}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"public_address": "https://u@openings.example.org"}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"public_address": "https://openings.example.org/?a=b"}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"public_address": "https://openings.example.org:x"}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"public_address": "https://openings.example.org/\r\nX: y"}, "MAKERSYNC_PUBLIC_ADDRESS"),
        ({"mail_from": ""}, "MAKERSYNC_MAIL_FROM"),
        ({"mail_from": "Makersync"}, "MAKERSYNC_MAIL_FROM"),
        ({"smtp_host": ""}, "MAKERSYNC_SMTP_HOST"),
        ({"smtp_tls": "none"}, "MAKERSYNC_SMTP_TLS"),
        ({"smtp_password_file": Path("/nowhere/smtp")}, "MAKERSYNC_SMTP_PASSWORD_FILE"),
    ],
)
def test_what_is_missing_turns_mail_off(changed: dict[str, Any], reason: str) -> None:
    [said] = mail_setup(settings(**changed))  # type: ignore[misc]
    assert str(said).startswith(reason)


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the compose file passes each setting that `.env` leaves empty, also one that is a number."""
    for name in ("SMTP_PORT", "SMTP_TLS", "PARTITIONS", "LEARNERS_ADDRESS"):
        monkeypatch.setenv(f"MAKERSYNC_{name}", "")
    found = settings()
    assert (found.smtp_port, found.smtp_tls, found.partitions) == (None, "starttls", 8)
    assert found.learners_address == "http://127.0.0.1:8102"


def test_without_tls_only_on_loopback() -> None:
    assert isinstance(mail_setup(settings(smtp_host="127.0.0.1", smtp_tls="none")), MailSetup)
    assert public_address_of(settings(public_address="http://127.0.0.1:8101")) == "http://127.0.0.1:8101"


@pytest.mark.parametrize("address", ["a@b.test", "A.b+c@B-d.example.org", "o'hara@b.test"])
def test_plain_addresses_are_taken(address: str) -> None:
    local, _, domain = address.partition("@")
    assert checked_address(address) == f"{local}@{domain.lower()}"


@pytest.mark.parametrize(
    "address", ["a@b.test\n", "a@b", "a@1.2.3.4", ".a@b.test", "a@-b.test", "a@b.test.", "a@" + "b." * 130 + "test"]
)
def test_other_texts_are_no_addresses(address: str) -> None:
    with pytest.raises(AddressUnfit):
        checked_address(address)
