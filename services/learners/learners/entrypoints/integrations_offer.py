"""What a training provider's programs can do, in words for the pages on which its keys are made."""

from learners.entrypoints.feed_offer import WEBHOOKS
from learners.entrypoints.mail_offer import MAIL
from learners.entrypoints.routing import READ, WRITE
from makersync.mail.states import Cadence
from makersync.pages.integrations import IntegrationsOffer

INTEGRATIONS_OFFER = IntegrationsOffer(
    scopes={
        READ: "Read learners, awards, cohorts, introductions, demand and the feed",
        WRITE: "Register and change learners, awards and cohorts, answer introductions, and set up webhooks and mail",
    },
    webhooks=WEBHOOKS,
    mail=MAIL,
    usual_notices={
        "introduction.asked": Cadence.IMMEDIATE,
        "introduction.withdrawn": Cadence.IMMEDIATE,
        "introduction.hired": Cadence.IMMEDIATE,
        "introduction.hire_undone": Cadence.IMMEDIATE,
        "match.proposed": Cadence.DAILY,
        "award.ending": Cadence.WEEKLY,
        "signal.raised": Cadence.WEEKLY,
    },
)
