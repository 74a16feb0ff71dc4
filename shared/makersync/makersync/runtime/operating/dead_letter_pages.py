"""The pages of dead letters: the list, one letter with what could name a person hidden, and mending it."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from fastapi import Response
from sqlmodel import col, func, select
from starlette.routing import Route

from makersync.effects.dead_letter_decisions import selected_ids
from makersync.effects.dead_letters import DEAD, OPEN
from makersync.effects.reading import Reader
from makersync.http.keys import OPERATOR
from makersync.http.pagination import Order, PageRequest, page_of
from makersync.http.problems import Conflict, NotFound, Problem
from makersync.pages.form_bodies import errors_of
from makersync.pages.operator_links import DEAD_LETTERS
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.runtime.dead_letter_bodies import Status
from makersync.runtime.dead_letter_routes import MOST_OF_A_SUBJECT
from makersync.runtime.operating.dead_letter_filter import DeadLetterQuery
from makersync.runtime.operating.editing import digest_of, edited, keep_edit
from makersync.runtime.operating.masking import masked_record, masked_text, shown_fields
from makersync.runtime.operating.process_state import process_state_of
from makersync.runtime.operating.repairs import begin_repair
from makersync.store.tables import DeadLetterRow

ONE = DEAD_LETTERS + "/{letter_id}"
MOST_BECAUSE = 1000
_A_PAGE = 50
_KEY_SHOWN = 200
_DONE = {"edited": "Your edit is saved. Replay the letter to process it.", "decided": "Your decision is saved."}


def dead_letter_pages(site: Site) -> list[Route]:
    return [
        site.reading(DEAD_LETTERS, letters_page),
        site.reading(ONE, letter_page),
        site.changing(f"{ONE}/edit", edit_dead_letter, letter_page, begins=begin_repair),
    ]


async def letters_page(visit: Visit) -> Response:
    """Oldest first, 50 on a page, with how many there are by reason."""
    visit.demand(OPERATOR)
    query = visit.request.query_params
    chosen = DeadLetterQuery.read(lambda name: query.get(name, ""), visit.wiring.settings.zone)
    selection = chosen.selection
    statement = select(DeadLetterRow).where(*selection.clauses())
    if selection.subject is not None:
        ids = await selected_ids(visit.session, selection)
        statement = statement.where(col(DeadLetterRow.id).in_(ids[:MOST_OF_A_SUBJECT]))
    page = PageRequest(_A_PAGE, query.get("after") or None, f"page {DEAD_LETTERS} {chosen.query}")
    found = await page_of(visit.session, statement, Order((col(DeadLetterRow.id),)), page, dead_letter_values)
    return visit.page(
        "dead_letters.html",
        letters=found.items,
        next_cursor=found.next_cursor,
        filter=chosen,
        statuses=[(each, each) for each in get_args(Status)],
        reasons=await _reasons(visit, chosen),
        done=_DONE.get(query.get("done", ""), ""),
    )


async def letter_page(visit: Visit, problem: Problem | None = None) -> Response:
    visit.demand(OPERATOR)
    row = await _letter(visit)
    reader = _readers(visit).get((row.consumer, row.topic))
    shown = masked_record(row.payload, shown_fields(reader.topic if reader else None))
    return visit.page(
        "dead_letter.html",
        200 if problem is None else problem.status,
        letter=dead_letter_values(row),
        detail=masked_text(row.detail),
        length=None if row.payload is None else len(row.payload),
        record=shown,
        typed=visit.form.get("record") if problem else shown or "",
        because=visit.form.get("because") if problem else "",
        digest=digest_of(row.payload),
        confirmed=letters_digest([row.id]),
        most_because=MOST_BECAUSE,
        problem=problem,
        errors=errors_of(problem),
        done=_DONE.get(visit.request.query_params.get("done", ""), ""),
    )


async def edit_dead_letter(visit: Visit) -> Response:
    """What somebody else has typed meanwhile is not lost: the page comes again with both."""
    visit.demand(OPERATOR)
    row = await _letter(visit)
    if visit.form.get("digest") != digest_of(row.payload):
        raise Conflict("letter_edited", "This letter was edited in the meantime. Its text as it is now is above yours.")
    reader = _readers(visit).get((row.consumer, row.topic))
    because = visit.form.line("because", MOST_BECAUSE)
    payload = edited(row, visit.form.get("record"), reader, visit.wiring.settings.partitions)
    keep_edit(visit.session, visit.wiring.clock, row, payload, visit.signed_in.principal.actor_id, because)
    return see_other(f"{DEAD_LETTERS}/{row.id}?done=edited")


def letters_digest(ids: Iterable[int | None]) -> str:
    """Which letters a decision is about, oldest first. Their number would not tell that one is decided about meanwhile and
    another has come."""
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()


def dead_letter_values(row: DeadLetterRow) -> Mapping[str, Any]:
    """What a page shows of a letter beside its record."""
    key = (row.key or b"")[:_KEY_SHOWN].decode(errors="backslashreplace")
    values = row.model_dump(exclude={"payload", "detail", "key", "log_id"})
    return {**values, "key": masked_text(key), "is_open": row.status == OPEN}


async def _letter(visit: Visit) -> DeadLetterRow:
    text = str(visit.request.path_params["letter_id"])
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    row = await visit.session.get(DeadLetterRow, number)
    if row is None:
        raise NotFound("no_such_thing", "There is no such dead letter. Closed ones are forgotten after a while.")
    return row


def _readers(visit: Visit) -> Mapping[tuple[str, str], Reader]:
    """By the names of consumer and topic."""
    status = process_state_of(visit.request).status
    consumers = status.definition.consumers(status.context)
    return {(each.name, topic): reader for each in consumers for topic, reader in each.readers.items()}


async def _reasons(visit: Visit, chosen: DeadLetterQuery) -> list[Any]:
    """Reason, topic and how many, of all with the status, the most first."""
    consumers = {consumer for consumer, _ in _readers(visit)}
    among = (DEAD.c.consumer.in_(consumers), DEAD.c.status == chosen.given["status"])
    count = func.count()
    query = select(DEAD.c.reason, DEAD.c.topic, count).where(*among).group_by(DEAD.c.reason, DEAD.c.topic)
    return list((await visit.session.exec(query.order_by(count.desc()).limit(_A_PAGE))).all())
