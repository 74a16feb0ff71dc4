"""Composes messages: what they say, and the headers by which programs know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy

from makersync.mail.gathering import Gathered, Line
from makersync.mail.message_parts import Heading, Items, Link, Paragraph, Part, html, plain
from makersync.mail.states import MessageKind

CONFIRM_PATH, UNSUBSCRIBE_PATH = "/mail/confirm", "/mail/unsubscribe"
_LONGEST_SUBJECT, LONGEST_NAME = 150, 80
_OPENINGS = {
    MessageKind.IMMEDIATE: "This has just happened",
    MessageKind.DAILY: "This has changed since your last daily digest",
    MessageKind.WEEKLY: "This has changed since your last weekly digest",
}


class _UnfoldedHeader(UnstructuredHeader):
    """An address is one long word. Folded, it would become encoded words, which no mail program takes for an address."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _UnfoldedHeader)  # type: ignore[arg-type]
#: Of seven bits, since servers are not asked whether they take eight.
_POLICY = SMTP.clone(header_factory=_HEADERS, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes to whom. `public_address` is where the links lead to, without a slash at the end."""

    sender: Address
    to: str
    public_address: str
    unsubscribe: str
    organisation: str

    @property
    def unsubscribe_url(self) -> str:
        return f"{self.public_address}{UNSUBSCRIBE_PATH}/{self.unsubscribe}"


@dataclass(frozen=True, slots=True)
class MailContent:
    """What a message says. `made_at` is its date, the same on every attempt."""

    id: str
    made_at: datetime
    subject: str
    parts: Sequence[Part]


def news(message_id: str, made_at: datetime, kind: MessageKind, head: Letterhead, said: Gathered) -> MailContent:
    """A notice or a digest."""
    parts: list[Part] = [Paragraph(f"{_OPENINGS[kind]} for {shortened(head.organisation, LONGEST_NAME)}:")]
    for section in said.sections:
        parts += [Heading(section.heading), Items([_line(line) for line in section.lines])]
    if said.more:
        parts.append(Paragraph(f"There is as much to say about {said.more:,} more, which does not fit into a mail."))
    if said.is_cut:
        parts.append(Paragraph("What happened before that is no longer kept."))
    return MailContent(message_id, made_at, said.headline, parts)


def confirmation(message_id: str, made_at: datetime, head: Letterhead, token: str, days: int) -> MailContent:
    """Asks whether mail is wanted."""
    name = shortened(head.organisation, LONGEST_NAME)
    asks = f"{name} would like Makersync to write to this address when something changes for it."
    return MailContent(
        message_id,
        made_at,
        f"Do you want mail from Makersync for {name}?",
        [
            Paragraph(asks),
            Link(
                f"If you agree, open this address within {days} days and press the button there:",
                f"{head.public_address}{CONFIRM_PATH}/{token}",
            ),
            Paragraph("If you do not know why you are asked, do nothing: you will get no other mail."),
        ],
    )


def trial(message_id: str, made_at: datetime, head: Letterhead) -> MailContent:
    """The test that an organisation asks for."""
    tried = f"{shortened(head.organisation, LONGEST_NAME)} tried whether mail reaches you. It does."
    return MailContent(message_id, made_at, "Test of mail from Makersync", [Paragraph(tried)])


def message_of(head: Letterhead, content: MailContent) -> EmailMessage:
    """Ready to be sent. No value can begin a header of its own: the policy refuses line breaks, and there are none."""
    message = _headed(head.sender, head.to, content)
    message["List-Unsubscribe"] = f"<{head.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return _filled(message, [*content.parts, Link("If you want no more of these mails, say so here:", head.unsubscribe_url)])


def bare_message(sender: Address, to: str, content: MailContent) -> EmailMessage:
    """A message that the person asked for, and that cannot be unsubscribed from."""
    return _filled(_headed(sender, to, content), content.parts)


def _headed(sender: Address, to: str, content: MailContent) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    message["Subject"] = shortened(content.subject, _LONGEST_SUBJECT)
    message["Date"] = content.made_at
    message["Message-ID"] = f"<{content.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _filled(message: EmailMessage, parts: Sequence[Part]) -> EmailMessage:
    message.set_content(plain(parts))
    message.add_alternative(html(parts), subtype="html")
    return message


def _line(line: Line) -> str:
    more = f" and {line.more:,} more" if line.more else ""
    return f"{line.counted}: {', '.join(line.items)}{more}"


def shortened(text: str, most: int) -> str:
    """On one line, and no longer than this: what people named may hold anything."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}\u2026"
