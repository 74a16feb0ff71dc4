"""What a message looks like on its way."""

from datetime import UTC, datetime
from email.headerregistry import Address

from makersync.mail.composing import Letterhead, MailContent, message_of
from makersync.mail.message_parts import Paragraph

HEAD = Letterhead(
    Address("Makersync", addr_spec="no-reply@example.org"), "pat@example.org", "https://x.example.org", "t" * 120, "A"
)


def test_the_address_to_unsubscribe_at_stands_in_the_header_as_it_is() -> None:
    """Guards: a long word is folded into encoded words, in which no mail program finds an address (RFC 2047, RFC 8058)."""
    message = MailContent("1", datetime(2026, 11, 30, tzinfo=UTC), "Grüße " * 20, [Paragraph("Grüße " * 60)])
    sent = message_of(HEAD, message).as_bytes()
    assert f"\r\nList-Unsubscribe: <{HEAD.unsubscribe_url}>\r\n".encode() in sent
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in sent
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) < 998
