"""The feed of the employers: what is in it, and what keeps it."""

from collections.abc import Mapping

from makersync.delivery.notices import NOTICE_TYPES
from makersync.delivery.routes import WebhookOffer
from makersync.feed.routes import FeedOffer
from makersync.feed.sections import in_sections
from makersync.mail.notices import MAIL_NOTICE_TYPES
from openings.adapters.feed_snapshot import live_matches, open_introductions
from openings.adapters.introduction_entries import TYPES as INTRODUCTION_TYPES
from openings.entrypoints.access import READ, WRITE

TYPES: Mapping[str, str] = {
    "match.proposed": "a learner has come onto the shortlist of an opening",
    "match.revised": "what the match says about a candidate has changed",
    "match.withdrawn": "a candidate has left the shortlist, for the `reason` in `data`",
    "opening.ending": "an opening closes in so many `days`",
    **INTRODUCTION_TYPES,
    **NOTICE_TYPES,
    **MAIL_NOTICE_TYPES,
}

FEED = FeedOffer(READ, TYPES, in_sections({"matches": live_matches, "introductions": open_introductions}))
WEBHOOKS = WebhookOffer(READ, WRITE, TYPES)
