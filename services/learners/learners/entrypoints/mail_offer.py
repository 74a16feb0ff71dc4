"""What mails tell a provider of its feed, and in which words."""

from collections.abc import Mapping

from learners.adapters.mail_titles import no_titles, provider_name
from learners.entrypoints.feed_offer import TYPES
from learners.entrypoints.routing import READ, WRITE
from makersync.feed.repository import Entry
from makersync.mail.offer import Family, MailOffer, Place, Wording

#: Those that a subject line names first come first.
WORDINGS: Mapping[str, Wording] = {
    "signal.raised": Wording("new or worse shortage", "new or worse shortages"),
    "match.proposed": Wording("new match", "new matches"),
    "pathways.refreshed": Wording("learner with pathways", "learners with pathways"),
    "signal.eased": Wording("shortage eased", "shortages eased"),
    "signal.cleared": Wording("shortage ended", "shortages ended"),
    "signal.revised": Wording("signal changed", "signals changed"),
    "signal.silenced": Wording("signal without enough openings", "signals without enough openings"),
    "match.withdrawn": Wording("match gone", "matches gone"),
    "match.revised": Wording("match changed", "matches changed"),
    "pathways.ended": Wording("learner without pathways", "learners without pathways"),
    "webhook.disabled": Wording("webhook disabled", "webhooks disabled"),
    "webhook.paused": Wording("webhook paused", "webhooks paused"),
    "webhook.behind": Wording("webhook that has lost entries", "webhooks that have lost entries"),
    "mail.stopped": Wording("recipient of mail who gets no more", "recipients of mail who get no more"),
}
_SECTIONS = {"match": "Matches", "pathways": "Pathways", "signal": "Shortages"}


def place_of(entry: Entry) -> Place:
    """Changes by their kind; learners, openings, regions and cells by their ids."""
    section = _SECTIONS.get(entry.type.partition(".")[0])
    if section is None:
        return Place("Webhooks and mail", entry.subject)
    first, _, second = entry.subject.partition("/")
    return Place(section, f"{first} in {second}" if section == "Pathways" else f"{first} and {second}")


MAIL = MailOffer(
    reads=READ,
    writes=WRITE,
    types=TYPES,
    wordings=WORDINGS,
    place_of=place_of,
    titles=no_titles,
    name_of=provider_name,
    families=(Family("match.proposed", "match.revised", "match.withdrawn"),),
)
