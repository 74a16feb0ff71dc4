"""Where the matching service is wired."""

from collections.abc import Sequence

from fastapi import APIRouter

from contracts.topics import CANDIDATE_MATCH, PATHWAY, REACH, SKILL_SHORTAGE
from makersync.broker.port import Broker
from makersync.broker.topics import read_log_id
from makersync.effects.consumer_port import Consumer
from makersync.members.forgetting import forgetting_members
from makersync.members.tables import MembersModel
from makersync.runtime.service import Context, Periodic, ServiceDefinition
from makersync.store.tables import KitModel
from matching.adapters.audit_views import VIEWS, broken_law
from matching.adapters.counting_gauges import NOTE_EVERY_S, CountingGauges
from matching.adapters.draft_repository import WaitingDrafts, waiting_drafts
from matching.adapters.forgetting import forget_ended
from matching.adapters.indicator_repository import IndicatorDrawing
from matching.adapters.past_forgetting import forget_past
from matching.adapters.rebuilding import restore
from matching.adapters.rules_copy import RulesCopy
from matching.adapters.tables import MatchingModel
from matching.entrypoints.cell_routes import cell_routes
from matching.entrypoints.consumers import consumers
from matching.entrypoints.explanation_routes import explanation_routes
from matching.entrypoints.indicator_routes import indicator_routes
from matching.entrypoints.match_routes import match_routes
from matching.entrypoints.operator_figures import operator_figures
from matching.entrypoints.operator_troubles import operator_troubles
from matching.entrypoints.partition_routes import partition_routes
from matching.entrypoints.policy_routes import policy_routes
from matching.entrypoints.region_routes import region_routes
from matching.entrypoints.rule_names import RULES
from matching.entrypoints.site import SITE, page_routes

#: How soon a changed catalog, policy or date is noticed when no event comes, seconds.
NOTICE_EVERY_S = 0.5
#: How soon the owner of a market notices a draft that another process has stored, seconds.
NOTICE_DRAFTS_EVERY_S = 0.25
#: How often indicators that are due are drawn, a few regions at a time, seconds.
DRAW_EVERY_S = 10.0
#: How often rows of ended matches and pathways are looked for, seconds.
FORGET_EVERY_S = 600.0


def definition() -> ServiceDefinition:
    """The service; its rules copy, what it knows of drafts, and what it measures of counting are shared by its consumers."""
    copies: dict[int, RulesCopy] = {}
    waiting: dict[int, WaitingDrafts] = {}
    gauges: dict[int, CountingGauges] = {}

    def rules_of(context: Context) -> RulesCopy:
        return copies.setdefault(id(context), RulesCopy(context.store, context.clock))

    def drafts_of(context: Context) -> WaitingDrafts:
        return waiting.setdefault(id(context), WaitingDrafts(context.store, context.clock))

    def gauges_of(context: Context) -> CountingGauges:
        return gauges.setdefault(id(context), CountingGauges(context.metrics, context.clock))

    def wired_consumers(context: Context) -> Sequence[Consumer]:
        return consumers(context, rules_of(context), drafts_of(context), gauges_of(context))

    def periodic(context: Context) -> Sequence[Periodic]:
        drawing = IndicatorDrawing(context.store, context.clock)
        return [
            Periodic("look_at_rules", NOTICE_EVERY_S, lambda: rules_of(context).look(at_once=True)),
            Periodic("look_at_drafts", NOTICE_DRAFTS_EVERY_S, lambda: drafts_of(context).look()),
            Periodic("measure_counting", NOTE_EVERY_S, lambda: gauges_of(context).measure()),
            Periodic("draw_indicators", DRAW_EVERY_S, drawing.draw_due),
            *_forgetting(context),
        ]

    return ServiceDefinition(
        name="matching",
        title="Makersync matching",
        metadata=(KitModel.metadata, MembersModel.metadata, MatchingModel.metadata),
        topics=(CANDIDATE_MATCH, SKILL_SHORTAGE, PATHWAY, REACH),
        consumers=wired_consumers,
        routers=_routers,
        periodic=periodic,
        restorer=_restorer,
        views=VIEWS,
        law=broken_law,
        drafts=waiting_drafts,
        when_lost="Run `makersync rebuild`",
        site=SITE,
        rules=RULES,
        figures=operator_figures,
        troubles=operator_troubles,
    )


def _forgetting(context: Context) -> Sequence[Periodic]:
    store, clock, keep_days = context.store, context.clock, context.settings.keep_ended_days
    past_days = context.settings.keep_past_days
    return [
        Periodic("forget_ended_sessions", FORGET_EVERY_S, forgetting_members(store, clock)),
        Periodic("forget_ended", FORGET_EVERY_S, lambda: forget_ended(store, clock, keep_days, past_days > 0)),
        Periodic("forget_past", FORGET_EVERY_S, lambda: forget_past(store, clock, past_days)),
    ]


async def _restorer(context: Context, broker: Broker) -> int:
    return await restore(context, broker, await read_log_id(broker))


def _routers(context: Context) -> Sequence[APIRouter]:
    """All for operators: employers and learners see their matches in the services that are theirs."""
    clock = context.clock
    return [
        region_routes(clock),
        cell_routes(),
        policy_routes(),
        partition_routes(),
        match_routes(),
        explanation_routes(clock, context.settings.keep_past_days),
        indicator_routes(clock),
        page_routes(clock, context.settings),
    ]
