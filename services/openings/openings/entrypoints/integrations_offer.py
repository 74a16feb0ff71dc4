"""What an employer's programs can do, in words for the pages on which its keys are made."""

from makersync.mail.states import Cadence
from makersync.pages.integrations import IntegrationsOffer
from openings.entrypoints.access import READ, WRITE
from openings.entrypoints.feed_offer import WEBHOOKS
from openings.entrypoints.mail_offer import MAIL

INTEGRATIONS_OFFER = IntegrationsOffer(
    scopes={
        READ: "Read openings, shortlists, introductions and the feed",
        WRITE: "Publish and change openings, ask for introductions, and set up webhooks and mail",
    },
    webhooks=WEBHOOKS,
    mail=MAIL,
    usual_notices={
        "introduction.accepted": Cadence.IMMEDIATE,
        "introduction.declined": Cadence.IMMEDIATE,
        "introduction.lapsed": Cadence.IMMEDIATE,
        "introduction.hire_disputed": Cadence.IMMEDIATE,
        "match.proposed": Cadence.DAILY,
        "opening.ending": Cadence.DAILY,
    },
)
