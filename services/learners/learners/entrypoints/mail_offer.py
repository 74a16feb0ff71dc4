"""What mails tell a provider of its feed, and in which words."""

from collections.abc import Mapping

from learners.adapters.mail_titles import opening_titles, provider_name
from learners.entrypoints.feed_offer import TYPES
from learners.entrypoints.routing import READ, WRITE
from makersync.feed.repository import Entry
from makersync.mail.offer import Family, MailOffer, Mention, Wording

#: Those that a subject line names first come first.
WORDINGS: Mapping[str, Wording] = {
    "introduction.asked": Wording("introduction to answer", "introductions to answer"),
    "introduction.hired": Wording("hire to confirm", "hires to confirm"),
    "introduction.withdrawn": Wording("introduction withdrawn", "introductions withdrawn"),
    "introduction.not_hired": Wording("introduction without a hire", "introductions without a hire"),
    "introduction.hire_undone": Wording("hire taken back", "hires taken back"),
    "introduction.lapsed": Wording("introduction without an answer", "introductions without an answer"),
    "introduction.hire_confirmed": Wording("hire confirmed", "hires confirmed"),
    "introduction.hire_disputed": Wording("hire disputed", "hires disputed"),
    "introduction.accepted": Wording("introduction accepted", "introductions accepted"),
    "introduction.declined": Wording("introduction declined", "introductions declined"),
    "signal.raised": Wording("new or worse shortage", "new or worse shortages"),
    "match.proposed": Wording("new match", "new matches"),
    "pathways.refreshed": Wording("learner with pathways", "learners with pathways"),
    "signal.eased": Wording("shortage eased", "shortages eased"),
    "signal.cleared": Wording("shortage ended", "shortages ended"),
    "signal.revised": Wording("signal changed", "signals changed"),
    "signal.silenced": Wording("signal without enough openings", "signals without enough openings"),
    "match.withdrawn": Wording("match gone", "matches gone"),
    "match.revised": Wording("match changed", "matches changed"),
    "award.ending": Wording("award about to end", "awards about to end"),
    "award.verified": Wording("award verified", "awards verified"),
    "award.unverified": Wording("award no longer verified", "awards no longer verified"),
    "pathways.ended": Wording("learner without pathways", "learners without pathways"),
    "webhook.disabled": Wording("webhook disabled", "webhooks disabled"),
    "webhook.paused": Wording("webhook paused", "webhooks paused"),
    "webhook.behind": Wording("webhook that has lost entries", "webhooks that have lost entries"),
    "mail.stopped": Wording("recipient of mail who gets no more", "recipients of mail who get no more"),
}
_SECTIONS = {"pathways": "Pathways", "award": "Awards", "signal": "Shortages"}
_NOTICES = "Webhooks and mail"


def mention_of(entry: Entry) -> Mention:
    """Matches and introductions under their opening, other changes under their kind; learners, awards, regions and cells by
    their ids."""
    kind = entry.type.partition(".")[0]
    first, _, second = entry.subject.partition("/")
    if kind == "match":
        return Mention(second, first)
    if kind == "introduction":
        return Mention((entry.data or {}).get("opening_id", "Introductions"), first)
    if kind == "signal":
        return Mention(_SECTIONS[kind], f"{second} in {first}")
    return Mention(_SECTIONS[kind], f"{first} ({second})") if kind in _SECTIONS else Mention(_NOTICES, entry.subject)


MAIL = MailOffer(
    reads=READ,
    writes=WRITE,
    types=TYPES,
    wordings=WORDINGS,
    mention_of=mention_of,
    titles=opening_titles,
    name_of=provider_name,
    families=(Family("match.proposed", "match.revised", "match.withdrawn"),),
    states=(
        tuple(name for name in TYPES if name.startswith("introduction.")),
        ("pathways.refreshed", "pathways.ended"),
        ("award.verified", "award.unverified"),
        # Not the revised ones: a revision at the same level takes nothing back of what was raised.
        tuple(name for name in TYPES if name.startswith("signal.") and name != "signal.revised"),
        ("webhook.paused", "webhook.disabled"),
    ),
)
