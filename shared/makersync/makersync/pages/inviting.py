"""What the pages that invite have in common: who is told of a link, and what became of messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Response

from makersync.members.administering import Administration
from makersync.members.joining import JOIN_PATH, IssuedInvitation, Joining, MemberInvitation
from makersync.members.mailing import sends_member_mail
from makersync.members.tables import MemberInvitationRow
from makersync.pages.page_address import page_address
from makersync.pages.redirects import see_other
from makersync.pages.visit import Visit

#: The parameter of the page that is shown after an invitation was mailed: the id of the message, which is no secret.
_LETTER = "letter"
_WORDS = {
    "waiting": "The letter with it is on its way to the mail server.",
    "deferred": "The mail server does not take the letter with it for now; it is sent again until the link ends.",
    "sent": "It was mailed.",
    "doubtful": "The mail server did not say whether it took the letter with it: if nothing arrives, invite again.",
    "address_refused": "The mail server refuses the address.",
}
_REFUSED = "The mail server refused the letter with it: ask an operator of the platform."
_BY_HAND = "Whoever invited was shown the link."


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and the link where the page is to show it: once, to whoever invited."""

    issued: IssuedInvitation
    link: str = ""


async def invite(visit: Visit, wanted: MemberInvitation) -> Invited:
    """By mail, where the service sends mail: whoever invites must not be able to join in the name of another. Raises
    ValidationProblem, Conflict and TooManyRequests."""
    wiring = visit.wiring
    is_mailed = await sends_member_mail(visit.session, wiring.settings, visit.members)
    joining = Joining(visit.session, wiring.pepper, wiring.clock, visit.members)
    issued = await joining.invite(replace(wanted, is_mailed=is_mailed))
    if is_mailed:
        return Invited(issued)
    return Invited(issued, f"{page_address(wiring.settings, visit.request)}{JOIN_PATH}/{issued.token}")


def mailed(path: str, invited: Invited) -> Response:
    """To the page that says so: a form that comes twice is answered in the same way."""
    return see_other(f"{path}?{_LETTER}={invited.issued.letter_id}")


def just_mailed(visit: Visit, invitations: Sequence[MemberInvitationRow]) -> MemberInvitationRow | None:
    """The one that the page is to say of that it is mailed; None for none of these."""
    wanted = visit.request.query_params.get(_LETTER)
    return next((each for each in invitations if wanted and each.letter_id == wanted), None)


async def mail_in_words(administration: Administration, rows: Sequence[MemberInvitationRow]) -> Mapping[str | None, str]:
    """What became of the messages that bring invitations, by their ids; None stands for a link that was shown."""
    states = await administration.mail_states(rows)
    words = {row.letter_id: _WORDS.get(states.get(row.letter_id or "", "waiting"), _REFUSED) for row in rows}
    return {**words, None: _BY_HAND}
