"""The files of an employer: its shortlists, the matches that have ended, and its introductions."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.exports import Table, add_export
from openings.adapters.export_rows import introduction_rows, shortlist_rows, withdrawal_rows
from openings.domain.shortlist import RECENT
from openings.entrypoints.access import READ
from openings.entrypoints.routing import OpeningsRoute

_PAIR = {
    "opening_id": "id of the opening",
    "title": "its title",
    "learner_id": "id of the learner",
    "provider_id": "id of the learner's training provider",
}
_PROVIDER = "name of the training provider, empty where it is not known"
_COMPONENT = "component of the score, 0 to 10000, empty where undefined"
SHORTLISTS = Table(
    "shortlists",
    "Every candidate of the employer's openings, by opening and rank.",
    {
        "opening_id": _PAIR["opening_id"],
        "title": _PAIR["title"],
        "rank": "place on the shortlist, from 1",
        "learner_id": _PAIR["learner_id"],
        "provider_id": _PAIR["provider_id"],
        "provider": _PROVIDER,
        "score": "0 to 10000",
        "preferred": _COMPONENT,
        "trainable": _COMPONENT,
        "evidence": _COMPONENT,
        "groups_met": "ids of the groups that are met, separated by commas",
        "groups_unmet": "ids of those that are not",
        "credentials": "ids of the credentials behind the groups that are met",
        "unknown": "gates that pass only because a fact is unknown",
        "seeking_since": "date since which the learner has looked for work",
        "changed_at": "UTC instant of the last change of the match",
    },
)
WITHDRAWALS = Table(
    "withdrawals",
    "The matches that ended within the last seven days, by opening, the latest first.",
    _PAIR
    | {
        "provider": _PROVIDER,
        "score": "the last one, 0 to 10000, empty once it is forgotten",
        "reason": "why the match ended, as in `GET /v1/openings/{opening_id}/shortlist`",
        "why": "the reason in words",
        "groups_unmet": "ids of the required groups that are not met any more",
        "day": "date on which it ended",
        "changed_at": "UTC instant at which it ended",
    },
)
INTRODUCTIONS = Table(
    "introductions",
    "The employer's introductions, the newest first.",
    {"introduction_id": "id of the introduction"}
    | _PAIR
    | {
        "title": "the opening's title when the employer asked",
        "provider": _PROVIDER,
        "status": "where it stands, as in `GET /v1/introductions`",
        "side": "whose word decides it, `employer` or `learner`; empty while nobody has answered",
        "reason": "why it was declined, withdrawn or ended without a hire",
        "asked_at": "UTC instant at which the employer asked",
        "answer_by": "last date on which an answer counts",
        "answered_at": "UTC instant of the newest answer",
        "access_expires_at": "UTC instant at which the newest access to the contact expires",
        "hired_on": "date of the hire",
        "hire": "what provider or learner say of the hire, `confirmed` or `disputed`",
        "changed_at": "UTC instant of the last change of either side",
    },
)


def export_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["exports"], route_class=OpeningsRoute)
    add_export(router, SHORTLISTS, READ, shortlist_rows)
    add_export(router, WITHDRAWALS, READ, lambda session, mine: withdrawal_rows(session, mine, clock.now() - RECENT))
    add_export(router, INTRODUCTIONS, READ, introduction_rows)
    return router
