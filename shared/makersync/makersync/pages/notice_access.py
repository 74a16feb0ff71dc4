"""Who sees and who changes recipients of mail on pages, and how they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from makersync.mail.changing import Recipients
from makersync.mail.offer import MailOffer
from makersync.mail.routes import recipients_of
from makersync.mail.server_state import NOT_SET_UP
from makersync.mail.setup import public_address_of
from makersync.mail.states import Cadence
from makersync.mail.tables import MailServerRow, RecipientRow
from makersync.mail.views import RecipientView
from makersync.pages.visit import Visit

NOTICES = "/notices"
NEW = NOTICES + "/new"
ONE = NOTICES + "/{recipient_id}"


@dataclass(frozen=True, slots=True)
class MailStanding:
    """Whether recipients can be made, whether there is a mail server, and since when it takes no messages, if it does not."""

    is_on: bool
    has_server: bool
    away_since: datetime | None


@dataclass(frozen=True, slots=True)
class ShownRecipient:
    """`address` is as much of it as the visitor may see; `told` has what is told in words, by how often."""

    view: RecipientView
    version: int
    address: str
    told: Mapping[str, list[str]]
    is_question_open: bool

    @property
    def name(self) -> str:
        return self.view.description or self.address


@dataclass(frozen=True, slots=True)
class NoticeAccess:
    """Everybody in the organisation sees who is told. Whoever changes its openings or its learners also says who is told of
    them: it is mostly oneself, and nobody is written to who has not agreed. Whoever only reads sees no whole address.

    `words` has what each type of entry is called, and `usual` what a new recipient is told unless something else is chosen.
    """

    offer: MailOffer
    words: Mapping[str, str]
    usual: Mapping[str, Cadence]

    def may_change(self, visit: Visit) -> bool:
        return visit.signed_in.principal.may(self.offer.writes)

    def demand_writer(self, visit: Visit) -> None:
        """Raises Forbidden."""
        visit.demand(self.offer.writes)

    def seen(self, visit: Visit) -> Recipients:
        """Raises Forbidden."""
        visit.demand(self.offer.reads)
        return self._recipients(visit)

    async def locked(self, visit: Visit) -> tuple[Recipients, RecipientRow]:
        """The recipient of the address, to be changed. Raises Forbidden and NotFound."""
        recipients = self.changing(visit)
        return recipients, await recipients.locked(recipient_id(visit))

    def changing(self, visit: Visit) -> Recipients:
        """In a transaction. Raises Forbidden."""
        self.demand_writer(visit)
        return self._recipients(visit)

    def shown(self, visit: Visit, row: RecipientRow) -> ShownRecipient:
        address = row.address if self.may_change(visit) else f"…@{row.address.rpartition('@')[2]}"
        told: dict[str, list[str]] = {}
        for cadence in Cadence:
            names = [called for name, called in self.words.items() if row.cadences.get(name) == cadence]
            if names:
                told[cadence.value] = names
        is_open = row.confirm_until is None or row.confirm_until > visit.wiring.clock.now()
        return ShownRecipient(RecipientView.of(row), row.version, address, told, is_open)

    def _recipients(self, visit: Visit) -> Recipients:
        return recipients_of(visit.session, visit.wiring, visit.signed_in.principal, self.offer)


async def mail_standing(visit: Visit) -> MailStanding:
    server = await visit.session.get(MailServerRow, 1)
    has_server = server is not None and server.problem != NOT_SET_UP
    is_away = server is not None and has_server and server.problem is not None
    since = server.since if server is not None and is_away else None
    return MailStanding(public_address_of(visit.wiring.settings) is not None, has_server, since)


def recipient_id(visit: Visit) -> str:
    return str(visit.request.path_params["recipient_id"])
