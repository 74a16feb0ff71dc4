"""Mending a dead letter by hand: what it says afterwards has to be an event that its consumer understands."""

import hashlib
from typing import Any

import pydantic
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.dead_letters import OPEN, record_of
from makersync.effects.reading import Reader
from makersync.envelope import Unreadable, describe
from makersync.http.json_text import parse_json
from makersync.http.problems import Conflict, Problem, ValidationProblem
from makersync.runtime.operating.masking import as_json, parsed, unmasked
from makersync.store.tables import AuditRow, DeadLetterRow


def digest_of(payload: bytes | None) -> str:
    """Which record an edit began with."""
    return hashlib.sha256(payload or b"").hexdigest()


def edited(row: DeadLetterRow, text: str, reader: Reader | None, partitions: int) -> bytes:
    """The record that was typed, with what was hidden put back. Raises ValidationProblem naming `record`."""
    if reader is None:
        raise ValidationProblem.of("record", "unknown_topic", "no consumer of this version reads the topic: dismiss the letter")
    try:
        document = unmasked(parse_json(text.encode(errors="surrogatepass")), parsed(row.payload))
    except Problem as problem:
        detail = "; ".join(f"{each.field}: {each.detail}" if each.field else each.detail for each in problem.errors)
        raise ValidationProblem.of("record", "json_invalid", detail or problem.detail) from problem
    payload = as_json(document, separators=(",", ":")).encode()
    _demand_contract(DeadLetterRow(**row.model_dump() | {"payload": payload}), document, reader, partitions)
    return payload


def keep_edit(session: AsyncSession, clock: Clock, row: DeadLetterRow, payload: bytes, actor: str, because: str) -> None:
    """The log keeps the record as it was; the audit has the digests of both, and no value. Raises Conflict once it is
    decided about the letter."""
    if row.status != OPEN:
        raise Conflict("letter_decided", "The letter is not open any more: somebody has decided about it meanwhile.")
    detail = {"consumer": row.consumer, "topic": row.topic, "partition": row.partition, "offset": row.offset}
    detail |= {"before": digest_of(row.payload), "after": digest_of(payload), "because": because}
    session.add(AuditRow(at=clock.now(), actor=actor, action="dead_letter.edited", subject=str(row.id), detail=detail))
    row.payload = payload
    session.add(row)


def _demand_contract(row: DeadLetterRow, document: Any, reader: Reader, partitions: int) -> None:
    """By the consumer's reader, which also knows the key and the partition, and by the contract of the event where it still has
    the type. Readers ignore fields that they do not know, so a letter may keep them."""
    try:
        received = reader.read(record_of(row), partitions)
        model = reader.topic.types.get(received.kind)
        if model is not None:
            model.model_validate({name: each for name, each in document["data"].items() if name in model.model_fields})
    except Unreadable as error:
        raise ValidationProblem.of("record", "breaks_contract", f"{error.reason.replace('_', ' ')}: {error.detail}") from error
    except pydantic.ValidationError as error:
        raise ValidationProblem.of("record", "breaks_contract", describe(error)) from error
