"""The feed of the providers: what is in it, and what its snapshot has."""

from collections.abc import Mapping

from learners.adapters.feed_snapshot import concerning_signals, live_matches, live_pathways, open_introductions
from learners.entrypoints.routing import READ, WRITE
from makersync.delivery.notices import NOTICE_TYPES
from makersync.delivery.routes import WebhookOffer
from makersync.feed.routes import FeedOffer
from makersync.feed.sections import in_sections
from makersync.mail.notices import MAIL_NOTICE_TYPES

TYPES: Mapping[str, str] = {
    "match.proposed": "a learner has come onto the shortlist of an opening",
    "match.revised": "the score of a match has changed",
    "match.withdrawn": "a learner has left the shortlist, for the `reason` in `data`",
    "introduction.asked": "an employer asks to meet a learner; it lapses unless it is answered until `answer_by`",
    "introduction.accepted": "the provider or the learner has agreed, and the employer may see the learner's contact",
    "introduction.declined": "the provider or the learner does not want to meet the employer, for the `reason` in `data`",
    "introduction.lapsed": "nobody has answered in time",
    "introduction.withdrawn": "it has ended without a result, by the `side` and for the `reason` in `data`",
    "introduction.hired": "the employer reports that it has hired the learner; it counts as confirmed unless it is disputed",
    "introduction.not_hired": "the employer has not hired the learner, for the `reason` in `data`",
    "introduction.hire_undone": "the employer has taken a report of a hire back; a search that it ended goes on",
    "introduction.hire_confirmed": "a hire is confirmed, and the learner's search has ended",
    "introduction.hire_disputed": "the provider has said that there is no hire, and the search goes on",
    "pathways.refreshed": "what the learner is one credential away from in a region",
    "pathways.ended": "nothing more is known of the learner's pathways in the region",
    "award.ending": "an award is about to end, in so many `days`",
    "award.verified": "an award is verified now, since you are accredited for its issuer",
    "award.unverified": "an award is no longer verified",
    "signal.raised": "a shortage of a cell has begun or become worse",
    "signal.eased": "a shortage has become less",
    "signal.cleared": "a shortage has ended",
    "signal.silenced": "so few openings are left that they are no finding",
    "signal.revised": "what a signal says has changed, but not its level",
    **NOTICE_TYPES,
    **MAIL_NOTICE_TYPES,
}

SECTIONS = {
    "matches": live_matches,
    "introductions": open_introductions,
    "pathways": live_pathways,
    "signals": concerning_signals,
}

FEED = FeedOffer(READ, TYPES, in_sections(SECTIONS))
WEBHOOKS = WebhookOffer(READ, WRITE, TYPES)
