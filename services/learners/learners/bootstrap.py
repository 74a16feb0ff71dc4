"""Where the learners service is put together."""

from collections.abc import Sequence

from fastapi import APIRouter

from contracts.topics import CATALOG, COHORT, INTRODUCTION_ANSWER, LEARNER, PROVIDER
from learners.adapters.audit_views import VIEWS
from learners.adapters.forgetting import forget_ended
from learners.adapters.introduction_forgetting import forget_introductions
from learners.adapters.provider_repository import provider_exists
from learners.adapters.reconciling import LearnersReconciler
from learners.adapters.reference_catalog import read_reference_catalog
from learners.adapters.signal_history import fill_signal_days, forget_signal_days
from learners.adapters.tables import LearnersModel
from learners.adapters.term_mending import mending_person_terms
from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.adapters.waiting_introductions import waiting_introductions
from learners.application.cataloguing import seed_catalog
from learners.domain.errors import Stale
from learners.entrypoints.accreditation_routes import accreditation_routes
from learners.entrypoints.award_routes import award_routes
from learners.entrypoints.catalog_routes import catalog_routes
from learners.entrypoints.cohort_routes import cohort_routes
from learners.entrypoints.consumers import introduction_consumer, market_consumer, opening_consumer
from learners.entrypoints.contact_routes import contact_routes
from learners.entrypoints.enrolment_routes import enrolment_routes
from learners.entrypoints.export_routes import export_routes
from learners.entrypoints.feed_offer import FEED, WEBHOOKS
from learners.entrypoints.figures_routes import figures_routes
from learners.entrypoints.introduction_routes import introduction_routes
from learners.entrypoints.learner_answer_routes import learner_answer_routes
from learners.entrypoints.learner_routes import learner_routes
from learners.entrypoints.mail_offer import MAIL
from learners.entrypoints.match_routes import match_routes
from learners.entrypoints.members_offer import MEMBERS
from learners.entrypoints.operator_troubles import operator_troubles
from learners.entrypoints.pathway_routes import pathway_routes
from learners.entrypoints.proposal_routes import proposal_routes
from learners.entrypoints.provider_routes import provider_routes
from learners.entrypoints.retirement_routes import retirement_routes
from learners.entrypoints.routing import READ, WRITE
from learners.entrypoints.rule_names import RULES, WARNINGS
from learners.entrypoints.signal_routes import signal_routes
from learners.entrypoints.site import SITE, page_routes
from learners.entrypoints.sweeps import EvidenceSweep, IntroductionSweep, ReachSweep, announcing_names, ending_sweep
from makersync.broker.port import Broker
from makersync.delivery.routes import webhook_routes
from makersync.delivery.tables import DeliveryModel
from makersync.effects.consumer_port import Consumer
from makersync.effects.publisher import Duty
from makersync.feed.routes import feed_routes
from makersync.feed.starting_over import start_feeds_over
from makersync.feed.tables import FeedModel
from makersync.http.key_routes import KeyHolders, key_routes
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
from reference.pay import PayLimits
from reference.places import load_places

SCOPES = frozenset({READ, WRITE})
#: Between two looks for evidence to derive again, while nothing is pending.
REDERIVE_S = 2.0
#: Between two batches of the pass over all learners after a start.
PLACE_S = 0.5
NOTICES_S = 30.0
#: Between two looks for introductions that the service has to do something about.
INTRODUCTIONS_S = 2.0
MEASURE_S = 30.0
FORGET_S = 600.0


def definition() -> ServiceDefinition:
    return ServiceDefinition(
        name="learners",
        title="Makersync learners",
        metadata=(
            KitModel.metadata,
            FeedModel.metadata,
            DeliveryModel.metadata,
            MailModel.metadata,
            MembersModel.metadata,
            LearnersModel.metadata,
        ),
        topics=(LEARNER, CATALOG, COHORT, PROVIDER, INTRODUCTION_ANSWER),
        consumers=_consumers,
        routers=_routers,
        periodic=_periodic,
        duties=_duties,
        at_start=seed,
        key_scopes=SCOPES,
        views=VIEWS,
        rules=RULES,
        warnings=WARNINGS,
        reconciler=lambda clock: LearnersReconciler(clock, load_places()),
        when_reconciled=start_feeds_over,
        has_webhooks=True,
        mail=MAIL,
        site=SITE,
        troubles=operator_troubles,
    )


async def seed(context: Context) -> None:
    """Publish what the catalog lacks of the reference catalog, and names of providers that were never published. Safe in every
    process."""
    try:
        await _seed_once(context)
    except Stale:
        # Another process of this service was seeding at the same time; what it published is there now.
        await _seed_once(context)
    await announcing_names(context.store, _units_of_work(context))()


async def _seed_once(context: Context) -> None:
    competencies, credentials = read_reference_catalog()
    async with context.store.transaction() as session:
        await seed_catalog(_units_of_work(context).at(session, SERVICE), competencies, credentials)


def _units_of_work(context: Context) -> LearnersUnitsOfWork:
    return LearnersUnitsOfWork(context.outbox, context.clock, load_places(), PayLimits.of(context.settings))


def _consumers(context: Context) -> Sequence[Consumer]:
    return market_consumer(context.clock), opening_consumer(), introduction_consumer(context.clock)


def _duties(context: Context, broker: Broker) -> Sequence[Duty]:
    return (keep_feed(context, broker, [market_consumer(context.clock), introduction_consumer(context.clock)]),)


def _routers(context: Context) -> Sequence[APIRouter]:
    units_of_work = _units_of_work(context)
    return (
        provider_routes(units_of_work),
        key_routes(KeyHolders("providers", SCOPES, provider_exists)),
        member_routes("providers", MEMBERS, provider_exists),
        catalog_routes(units_of_work),
        retirement_routes(units_of_work),
        proposal_routes(units_of_work),
        accreditation_routes(units_of_work),
        learner_routes(units_of_work),
        match_routes(units_of_work),
        award_routes(units_of_work),
        cohort_routes(units_of_work),
        enrolment_routes(units_of_work),
        signal_routes(),
        pathway_routes(units_of_work),
        introduction_routes(units_of_work, context.settings),
        learner_answer_routes(units_of_work),
        contact_routes(units_of_work),
        export_routes(context.clock),
        activity_log_routes(),
        feed_routes(FEED),
        webhook_routes(WEBHOOKS),
        mail_routes(MAIL),
        mail_pages(MAIL),
        figures_routes(),
        page_routes(units_of_work, context.settings),
    )


def _periodic(context: Context) -> Sequence[Periodic]:
    units_of_work = _units_of_work(context)
    store, clock, keep_days = context.store, context.clock, context.settings.keep_ended_days
    ending = ending_sweep(store, units_of_work, context.settings.ending_days)
    people = Mending("person", mending_person_terms(store), context.metrics)
    introductions = IntroductionSweep(store, units_of_work, context.settings.confirm_hire_days)
    return (
        Periodic("derive evidence again", REDERIVE_S, EvidenceSweep(store, units_of_work).step, publishes=True),
        Periodic("place learners again", PLACE_S, ReachSweep(store, units_of_work).step, publishes=True),
        Periodic("settle introductions", INTRODUCTIONS_S, introductions.step, publishes=True),
        Periodic("measure introductions", MEASURE_S, measuring_introductions(context, waiting_introductions)),
        Periodic("announce names of providers", NOTICES_S, announcing_names(store, units_of_work), publishes=True),
        Periodic("announce awards about to end", NOTICES_S, ending),
        Periodic("forget what has ended", FORGET_S, lambda: forget_ended(store, clock, keep_days)),
        Periodic("mend what people are found by", MEND_EVERY_S, people.step),
        Periodic("fill the past of signals", FORGET_S, lambda: fill_signal_days(store)),
        Periodic("forget the past of signals", FORGET_S, lambda: forget_signal_days(store, clock)),
        Periodic("forget what introductions said", FORGET_S, lambda: forget_introductions(store, clock, keep_days)),
        Periodic("forget old entries of feeds", FORGET_S, forgetting_feed_of(context)),
        Periodic("forget old deliveries", FORGET_S, forgetting_deliveries_of(context)),
        Periodic("forget old mail", FORGET_S, forgetting_mail_of(context)),
        Periodic("forget ended sessions", FORGET_S, forgetting_members(store, clock)),
    )
