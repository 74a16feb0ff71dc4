"""The files of a provider: its learners, their matches, pathways and introductions, and the shortage signals."""

from fastapi import APIRouter

from learners.adapters.export_rows import introduction_rows, learner_rows, match_rows, pathway_rows, signal_rows
from learners.entrypoints.routing import READ, LearnersRoute
from makersync.clock import Clock
from makersync.http.exports import Table, add_export

_UNREAD = "; empty when this service has not read the opening yet"
_UNNAMED = "; empty where none is known"
_UNGUARDED = "; empty under the evidence guard"
LEARNERS = Table(
    "learners",
    "The provider's own learners with the persons, by id.",
    {
        "learner_id": "id of the learner",
        "name": "who the learner is",
        "email": "how to reach the learner",
        "phone": "likewise",
        "zip": "ZIP code of the home",
        "region": "labour market of the home",
        "reach_km": "how far the learner would go, kilometres",
        "remote_ok": "whether remote work would do",
        "seeking": "whether the learner looks for work",
        "seeking_since": "date since when",
        "consents_to_matching": "whether the learner has agreed to be matched",
        "available_from": "date from which the learner could begin",
        "shifts": "shifts that the learner would work, empty: any",
        "wage_floor": "least pay, US cents an hour",
        "credentials": "ids of the credentials whose awards are in force today",
    },
)
MATCHES = Table(
    "matches",
    "The live matches of the provider's own learners with what is known of the jobs, by learner and opening.",
    {
        "learner_id": "id of the learner",
        "opening_id": "id of the opening",
        "score": "from 0 to 10000, the higher the better",
        "title": "what the employer calls the job" + _UNREAD,
        "employer": "name of the employer, empty where the opening does not say it",
        "place": "city and state, or `Remote`",
        "wage_min": "lowest wage offered, US cents an hour",
        "wage_max": "highest wage offered, US cents an hour",
        "start_by": "date by which somebody must be able to begin",
        "closes_on": "last date on which candidates are matched",
    },
)
PATHWAYS = Table(
    "pathways",
    "At most five credentials of each of the provider's learners, the best first.",
    {
        "learner_id": "id of the learner",
        "credential": "id of a credential that the learner lacks",
        "unlocked": "open positions for which the learner would be qualified with it",
        "training_weeks": "how long the training usually takes, weeks, empty: unknown",
        "regions": "labour markets of these positions",
        "opening_id": "id of the opening with the most of them" + _UNNAMED,
        "title": "what the employer calls the job",
        "employer": "name of the employer, empty where the opening does not say it",
        "place": "city and state, or `Remote`",
        "wage_min": "lowest wage offered, US cents an hour",
        "wage_max": "highest wage offered, US cents an hour",
        "start_by": "date by which somebody must be able to begin",
        "closes_on": "last date on which candidates are matched",
        "more_openings": "ids of up to two others",
    },
)
INTRODUCTIONS = Table(
    "introductions",
    "What employers ask of the provider's own learners, in the order in which they asked.",
    {
        "introduction_id": "id of the introduction",
        "learner_id": "id of the learner",
        "opening_id": "id of the opening",
        "title": "what the employer called the job when it asked",
        "employer": "name of the employer",
        "place": "city and state, or `Remote`",
        "wage_min": "lowest wage offered, US cents an hour",
        "wage_max": "highest wage offered, US cents an hour",
        "start_by": "date by which somebody must be able to begin",
        "status": "where it stands, as in `GET /v1/introductions`",
        "side": "whose word decides it, `employer` or `learner`; empty while nobody has answered",
        "reason": "why it was declined or has ended",
        "asked_at": "UTC instant at which the employer asked",
        "answer_by": "last date on which an answer counts",
        "answered_by": "who answered last: `provider`, `learner`, or `service` by its rules",
        "answered_at": "UTC instant of that answer",
        "hired_on": "date of the hire, as the employer reports it",
        "hire": "what the learner's side says of the hire, `confirmed` or `disputed`",
    },
)
SIGNALS = Table(
    "signals",
    "The newest signal of each cell, by region and subject.",
    {
        "region": "labour market",
        "subject": "credential, or competency with its level",
        "level": "how short it is",
        "level_ahead": "how short it will be once those in training finish",
        "kind": "type of the newest event",
        "demand": "open positions, thousandths" + _UNGUARDED,
        "openings": "openings behind the demand" + _UNGUARDED,
        "employers": "employers behind it" + _UNGUARDED,
        "supply": "learners who hold the subject" + _UNGUARDED,
        "supply_home": "those of them who live in the region" + _UNGUARDED,
        "pipeline": "those who should hold it within 180 days" + _UNGUARDED,
        "blocked": "positions that stay open for want of it" + _UNGUARDED,
        "tightness": "demand to supply, thousandths" + _UNGUARDED,
        "tightness_ahead": "the same once the pipeline has become supply" + _UNGUARDED,
        "top_credentials": "ids of credentials that provide the subject" + _UNGUARDED,
        "day": "date that the signal is for",
        "at": "UTC instant of the signal",
    },
)


def export_routes(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["exports"], route_class=LearnersRoute)
    add_export(router, LEARNERS, READ, lambda session, mine: learner_rows(session, mine, clock.today()))
    add_export(router, MATCHES, READ, match_rows)
    add_export(router, PATHWAYS, READ, lambda session, mine: pathway_rows(session, mine, clock))
    add_export(router, INTRODUCTIONS, READ, introduction_rows)
    add_export(router, SIGNALS, READ, lambda session, _: signal_rows(session))
    return router
