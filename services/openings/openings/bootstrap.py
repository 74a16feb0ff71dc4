"""Where the openings service is put together."""

from collections.abc import Sequence

from fastapi import APIRouter

from contracts.topics import DRAFT, INTRODUCTION_REQUEST, OPENING
from makersync.broker.port import Broker
from makersync.delivery.routes import webhook_routes
from makersync.delivery.tables import DeliveryModel
from makersync.effects.consumer_port import Consumer
from makersync.effects.publisher import Duty
from makersync.feed.routes import feed_routes
from makersync.feed.starting_over import start_feeds_over
from makersync.feed.tables import FeedModel
from makersync.mail.pages import mail_pages
from makersync.mail.routes import mail_routes
from makersync.mail.tables import MailModel
from makersync.members.activity_routes import activity_log_routes
from makersync.members.forgetting import forgetting_members
from makersync.members.routes import member_routes
from makersync.members.tables import MembersModel
from makersync.runtime.feeds import forgetting_feed_of, keep_feed
from makersync.runtime.introductions import measuring_introductions
from makersync.runtime.mail import forgetting_mail_of
from makersync.runtime.mending import MEND_EVERY_S, Mending
from makersync.runtime.service import Context, Periodic, ServiceDefinition
from makersync.runtime.webhooks import forgetting_deliveries_of
from makersync.store.tables import KitModel
from openings.adapters.audit_views import VIEWS
from openings.adapters.draft_repository import waiting_drafts
from openings.adapters.employer_repository import employer_exists
from openings.adapters.reconciling import OpeningsReconciler
from openings.adapters.tables import OpeningsModel
from openings.adapters.term_mending import FOUND, mending_search_terms
from openings.adapters.unit_of_work import units_of_work_of
from openings.adapters.waiting_introductions import waiting_introductions
from openings.entrypoints.access import SCOPES
from openings.entrypoints.catalog_routes import catalog_routes
from openings.entrypoints.consumers import (
    answer_consumer,
    catalog_consumer,
    match_consumer,
    provider_consumer,
    reach_consumer,
)
from openings.entrypoints.employer_routes import employer_key_routes, employer_routes
from openings.entrypoints.export_routes import export_routes
from openings.entrypoints.feed_offer import FEED, WEBHOOKS
from openings.entrypoints.figures_routes import figures_routes
from openings.entrypoints.hire_routes import hire_routes
from openings.entrypoints.introduction_routes import introduction_routes
from openings.entrypoints.mail_offer import MAIL
from openings.entrypoints.members_offer import MEMBERS
from openings.entrypoints.opening_routes import opening_routes
from openings.entrypoints.operator_figures import operator_figures
from openings.entrypoints.operator_troubles import operator_troubles
from openings.entrypoints.preview_routes import preview_routes
from openings.entrypoints.reach_routes import reach_routes
from openings.entrypoints.rule_names import RULES, WARNINGS
from openings.entrypoints.shortlist_routes import shortlist_routes
from openings.entrypoints.site import SITE, page_routes
from openings.entrypoints.sweeps import (
    ending_sweep,
    expiry_sweep,
    forgetting_sweep,
    introduction_sweep,
    preview_sweep,
    reach_sweep,
)

#: It need not be prompt: matching goes by the closing date itself, and the event only informs readers.
EXPIRY_SWEEP_S = 30.0
PREVIEW_SWEEP_S = 10.0
MEASURE_S = 30.0
FORGETTING_SWEEP_S = 600.0


def definition() -> ServiceDefinition:
    return ServiceDefinition(
        name="openings",
        title="Makersync openings",
        metadata=(
            KitModel.metadata,
            FeedModel.metadata,
            DeliveryModel.metadata,
            MailModel.metadata,
            MembersModel.metadata,
            OpeningsModel.metadata,
        ),
        topics=(OPENING, INTRODUCTION_REQUEST, DRAFT),
        consumers=_consumers,
        routers=_routers,
        periodic=_periodic,
        duties=_duties,
        key_scopes=SCOPES,
        views=VIEWS,
        reconciler=OpeningsReconciler,
        when_reconciled=start_feeds_over,
        has_webhooks=True,
        mail=MAIL,
        drafts=waiting_drafts,
        site=SITE,
        figures=operator_figures,
        troubles=operator_troubles,
        rules=RULES,
        warnings=WARNINGS,
    )


def _consumers(context: Context) -> Sequence[Consumer]:
    reach = reach_consumer(context.clock, context.outbox)
    return catalog_consumer(), provider_consumer(), reach, *_consumers_that_tell(context)


def _consumers_that_tell(context: Context) -> Sequence[Consumer]:
    """Those that write entries of feeds."""
    matches = match_consumer(context.clock, context.metrics.event_to_match_seconds.observe)
    return matches, answer_consumer(context.clock, context.outbox)


def _duties(context: Context, broker: Broker) -> Sequence[Duty]:
    return (keep_feed(context, broker, _consumers_that_tell(context)),)


def _routers(context: Context) -> Sequence[APIRouter]:
    units_of_work = units_of_work_of(context)
    return (
        employer_routes(units_of_work),
        employer_key_routes(),
        member_routes("employers", MEMBERS, employer_exists),
        opening_routes(units_of_work),
        preview_routes(units_of_work),
        reach_routes(context.clock),
        shortlist_routes(context.clock),
        introduction_routes(units_of_work),
        hire_routes(units_of_work),
        feed_routes(FEED),
        export_routes(context.clock),
        activity_log_routes(),
        webhook_routes(WEBHOOKS),
        mail_routes(MAIL),
        mail_pages(MAIL),
        catalog_routes(),
        figures_routes(context.clock),
        page_routes(units_of_work, context.settings),
    )


def _periodic(context: Context) -> Sequence[Periodic]:
    expire = expiry_sweep(context.store, units_of_work_of(context))
    ending = ending_sweep(context.store, units_of_work_of(context), context.settings.ending_days)
    forget = forgetting_sweep(context.store, context.clock, context.settings.keep_ended_days)
    forget_introductions = introduction_sweep(context.store, context.clock, context.settings.keep_ended_days)
    give_up = preview_sweep(context.store, units_of_work_of(context))
    forget_reach = reach_sweep(context.store, context.clock, context.settings.keep_ended_days)
    found = [(each, Mending(each, mending_search_terms(context.store, each), context.metrics)) for each in FOUND]
    return (
        *(Periodic(f"mend what {each} rows are found by", MEND_EVERY_S, mending.step) for each, mending in found),
        Periodic("give up previews", PREVIEW_SWEEP_S, give_up, publishes=True),
        Periodic("forget previews and ended counts", FORGETTING_SWEEP_S, forget_reach),
        Periodic("measure introductions", MEASURE_S, measuring_introductions(context, waiting_introductions)),
        Periodic("announce expired openings", EXPIRY_SWEEP_S, expire, publishes=True),
        Periodic("announce openings about to close", EXPIRY_SWEEP_S, ending),
        Periodic("forget ended introductions", FORGETTING_SWEEP_S, forget_introductions),
        Periodic("forget former candidates", FORGETTING_SWEEP_S, forget),
        Periodic("forget old entries of feeds", FORGETTING_SWEEP_S, forgetting_feed_of(context)),
        Periodic("forget old deliveries", FORGETTING_SWEEP_S, forgetting_deliveries_of(context)),
        Periodic("forget old mail", FORGETTING_SWEEP_S, forgetting_mail_of(context)),
        Periodic("forget ended sessions", FORGETTING_SWEEP_S, forgetting_members(context.store, context.clock)),
    )
