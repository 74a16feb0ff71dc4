"""The files of an employer: its shortlists, and the matches that have ended."""

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.exports import Table, add_export
from openings.adapters.export_rows import shortlist_rows, withdrawal_rows
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


def export_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["exports"], route_class=OpeningsRoute)
    add_export(router, SHORTLISTS, READ, shortlist_rows)
    add_export(router, WITHDRAWALS, READ, lambda session, mine: withdrawal_rows(session, mine, clock.now() - RECENT))
    return router
