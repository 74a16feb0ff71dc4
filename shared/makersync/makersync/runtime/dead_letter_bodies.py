"""What the routes of dead letters and halted partitions take and answer."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from makersync.effects.halts import Halt
from makersync.effects.letter_decisions import LetterSelection
from makersync.http.bodies import RequestModel
from makersync.store.tables import DeadLetterRow

Status = Literal["open", "requested", "superseded", "replayed", "dismissed"]
Number = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
MOST_IDS = 1000


class DeadLetterView(BaseModel):
    """A record that was set aside, without the record. `key` is shown as far as it is text."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    key: str
    reason: str
    status: Status
    seen_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    note: str | None
    attempts: int = Field(description="How often it was replayed.")
    attempted_at: datetime | None


class WholeDeadLetterView(DeadLetterView):
    """With what was wrong, and the record as far as it is text."""

    detail: str
    record: str | None


class SelectionBody(RequestModel):
    """Dead letters that are all of this: open ones, and for a dismissal those too that wait for a replay.
    Without any of it, `all` must be true."""

    ids: Annotated[tuple[Annotated[int, Field(ge=1, lt=2**63, strict=True)], ...], Field(max_length=MOST_IDS)] | None = None
    consumer: Annotated[str, Field(max_length=120)] | None = None
    topic: Annotated[str, Field(max_length=120)] | None = None
    partition: Number | None = None
    reason: Annotated[str, Field(max_length=120)] | None = None
    subject: Annotated[str, Field(max_length=600, description="The subject's id, or the record's whole key.")] | None = None
    all: Annotated[bool, Field(strict=True)] = False
    because: Annotated[str, Field(min_length=1, max_length=1000, description="Why; it is kept.")]

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.selection.is_everything is not self.all:
            raise ValueError("name what is meant, or all alone")
        return self

    @property
    def selection(self) -> LetterSelection:
        return LetterSelection(self.ids, self.consumer, self.topic, self.partition, self.reason, self.subject)


class ReplayBody(SelectionBody):
    rate: Annotated[float, Field(ge=0.01, le=10_000, description="Most a second; absent: as fast as can be.")] | None = None


class Decided(BaseModel):
    """How many dead letters it was about."""

    count: int
    requested: int = Field(description="How many of them waited for a replay, which a dismissal takes back.")


class ResumeBody(RequestModel):
    """Halted partitions that are all of this; all that are halted where it says nothing."""

    consumer: Annotated[str, Field(max_length=120)] | None = None
    partition: Number | None = None
    because: Annotated[str, Field(min_length=1, max_length=1000, description="Why; it is kept.")]


class HaltView(BaseModel):
    """`topic` is empty where the partition number stands still with all its topics."""

    consumer: str
    partition: int
    topic: str
    reason: str
    since: datetime


class Resumed(BaseModel):
    """What goes on within a second, where the service runs."""

    resumed: list[HaltView]


def halt_view(halt: Halt) -> HaltView:
    return HaltView(consumer=halt.consumer, partition=halt.partition, topic=halt.topic, reason=halt.reason, since=halt.since)


def dead_letter_view(row: DeadLetterRow) -> DeadLetterView:
    shown = {name: getattr(row, name) for name in DeadLetterView.model_fields if name != "key"}
    return DeadLetterView(**shown, key=(row.key or b"").decode(errors="backslashreplace"))
