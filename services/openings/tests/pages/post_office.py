"""A mail server of the tests, and the sender of messages to members that is connected with it."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage

from makersync.http.wiring import Wiring
from makersync.mail.setup import MailSetup
from makersync.mail.smtp import SmtpReply
from makersync.members.mail_sender import MemberMailSender
from openings.entrypoints.members_offer import MEMBERS

SETUP = MailSetup("https://pages.example", Address("Makersync", "makersync", "pages.example"), "localhost", 25, "none")


@dataclass
class PostOffice:
    """A mail server that keeps what it is given."""

    outcome: str = "sent"
    status: int | None = None
    messages: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def send(self, message: EmailMessage, to: str) -> SmtpReply:
        self.messages.append((to, message))
        return SmtpReply(self.outcome, self.status)

    def links(self) -> list[str]:
        """The paths that messages lead to."""
        return [found for text in self.texts() for found in re.findall(r"https://pages.example(/\w+/\S+)", text)]

    def texts(self) -> list[str]:
        return [message.get_body(("plain",)).get_content() for _, message in self.messages]  # type: ignore[union-attr]

    def to(self) -> list[str]:
        return [to for to, _ in self.messages]


def sender(wiring: Wiring, office: PostOffice) -> MemberMailSender:
    return MemberMailSender(
        wiring.store,
        wiring.clock,
        wiring.pepper,
        SETUP,
        office,
        count=lambda _outcome: None,
        tell_away=lambda _is_away: None,
        members=MEMBERS,
    )


async def posted(wiring: Wiring, office: PostOffice | None = None) -> PostOffice:
    """After all that waits was sent."""
    office = office or PostOffice()
    mail_sender = sender(wiring, office)
    while await mail_sender.send_one():
        pass
    return office
