"""What mails tell an employer of its feed, and in which words."""

from collections.abc import Mapping

from makersync.feed.repository import Entry
from makersync.mail.offer import Family, MailOffer, Mention, Wording
from openings.adapters.mail_titles import employer_name, opening_titles
from openings.entrypoints.access import READ, WRITE
from openings.entrypoints.feed_offer import TYPES

_NOTICES = "Webhooks and mail"
#: Where nothing is said of them any more.
_INTRODUCTIONS = "Introductions"
#: Those that a subject line names first come first.
WORDINGS: Mapping[str, Wording] = {
    "introduction.accepted": Wording("introduction accepted", "introductions accepted"),
    "introduction.hire_disputed": Wording("hire disputed", "hires disputed"),
    "introduction.declined": Wording("introduction declined", "introductions declined"),
    "introduction.lapsed": Wording("introduction without an answer", "introductions without an answer"),
    "introduction.withdrawn": Wording("introduction withdrawn", "introductions withdrawn"),
    "introduction.hire_confirmed": Wording("hire confirmed", "hires confirmed"),
    "introduction.hired": Wording("hire", "hires"),
    "introduction.not_hired": Wording("introduction without a hire", "introductions without a hire"),
    "introduction.hire_undone": Wording("hire taken back", "hires taken back"),
    "introduction.asked": Wording("introduction asked for", "introductions asked for"),
    "match.proposed": Wording("new candidate", "new candidates"),
    "opening.ending": Wording("opening about to close", "openings about to close", ": "),
    "match.withdrawn": Wording("candidate gone", "candidates gone"),
    "match.revised": Wording("candidate changed", "candidates changed"),
    "webhook.disabled": Wording("webhook disabled", "webhooks disabled"),
    "webhook.paused": Wording("webhook paused", "webhooks paused"),
    "webhook.behind": Wording("webhook that has lost entries", "webhooks that have lost entries"),
    "mail.stopped": Wording("recipient of mail who gets no more", "recipients of mail who get no more"),
}


def mention_of(entry: Entry) -> Mention:
    """Candidates and introductions under their opening, by the ids of the learners."""
    data = entry.data or {}
    if entry.type.startswith("introduction."):
        return Mention(data.get("opening_id", _INTRODUCTIONS), data.get("learner_id", entry.subject))
    if entry.type == "opening.ending":
        return Mention(entry.subject, f"on {data.get('closes_on')}")
    opening_id, _, learner_id = entry.subject.partition("/")
    return Mention(opening_id, learner_id) if learner_id else Mention(_NOTICES, entry.subject)


MAIL = MailOffer(
    reads=READ,
    writes=WRITE,
    types=TYPES,
    wordings=WORDINGS,
    mention_of=mention_of,
    titles=opening_titles,
    name_of=employer_name,
    families=(Family("match.proposed", "match.revised", "match.withdrawn"),),
    states=(
        tuple(name for name in TYPES if name.startswith("introduction.")),
        ("webhook.paused", "webhook.disabled"),
    ),
)
