"""Whether a deployment sends mail, and how: from the settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from makersync.mail.addresses import AddressUnfit, checked_address
from makersync.settings import Settings

Tls = Literal["starttls", "implicit", "none"]
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class MailSetup:
    """The mail server and how it is spoken to. `public_address` is where the links of mails lead to."""

    public_address: str
    sender: Address
    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def own_name(self) -> str:
        """What this side calls itself to the mail server."""
        return urlsplit(self.public_address).hostname or "localhost"


def public_address_of(settings: Settings) -> str | None:
    """Where people reach the service, without a slash at the end; None without one that can be used: mail is off then."""
    address = settings.public_address.rstrip("/")
    try:
        parts = urlsplit(address)
        host, is_plain = parts.hostname or "", not (parts.query or parts.fragment or parts.username)
        _ = parts.port
    except ValueError:
        return None
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return address if host and is_plain and is_secure and address.isascii() and address.isprintable() else None


def mail_setup(settings: Settings) -> MailSetup | Sequence[str]:
    """The setup, or why mail is off, in words for operators."""
    missing, public_address, sender = [], public_address_of(settings), _sender(settings.mail_from)
    if public_address is None:
        missing.append("MAKERSYNC_PUBLIC_ADDRESS must be an https:// address")
    if sender is None:
        missing.append("MAKERSYNC_MAIL_FROM must be an address such as Makersync <makersync@example.org>")
    if not settings.smtp_host:
        missing.append("MAKERSYNC_SMTP_HOST must name the mail server")
    elif settings.smtp_tls == "none" and not is_loopback(settings.smtp_host):
        missing.append("MAKERSYNC_SMTP_TLS may be none only for a mail server on the same machine")
    try:
        password = _password(settings)
    except (OSError, ValueError):
        missing.append("MAKERSYNC_SMTP_PASSWORD_FILE cannot be read")
    if missing or public_address is None or sender is None:
        return missing
    port = settings.smtp_port or _PORTS[settings.smtp_tls]
    return MailSetup(public_address, sender, settings.smtp_host, port, settings.smtp_tls, settings.smtp_username, password)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sender(text: str) -> Address | None:
    name, address = parseaddr(text)
    try:
        return Address(name if name.isprintable() else "", addr_spec=checked_address(address))
    except (AddressUnfit, ValueError):
        return None


def _password(settings: Settings) -> str:
    if settings.smtp_password_file is not None:
        return settings.smtp_password_file.read_text(encoding="utf-8").strip()
    return settings.smtp_password.get_secret_value()
