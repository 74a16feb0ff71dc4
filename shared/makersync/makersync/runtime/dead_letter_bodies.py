"""Requests and responses of the routes for dead letters and halted partitions."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from makersync.effects.dead_letter_decisions import DeadLetterSelection
from makersync.effects.halts import Halt
from makersync.http.bodies import RequestModel
from makersync.store.tables import DeadLetterRow

Status = Literal["open", "requested", "superseded", "replayed", "dismissed"]
Number = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
Name = Annotated[str, Field(max_length=120)]
Because = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1000,
        description="Why; it is kept in the audit.",
        examples=["The producer was fixed; its records are readable now."],
    ),
]
MOST_IDS = 1000


class DeadLetterView(BaseModel):
    """A record that was set aside, without the record. `key` is shown as far as it is text."""

    id: int = Field(description="Number of the dead letter in this service.", examples=[17])
    consumer: str = Field(description="Name of the consumer that could not take the record.", examples=["credentials"])
    topic: str = Field(description="Topic of the record.", examples=["learners.credential-definition.v1"])
    partition: int = Field(description="Partition of the record.", examples=[3])
    offset: int = Field(description="Offset of the record in its partition.", examples=[1042])
    key: str = Field(description="Key of the record, as far as it is text.", examples=["nims:cnc-milling-operator"])
    reason: str = Field(description="Fixed name of what was wrong.", examples=["handler_failed"])
    status: Status = Field(
        description="`open`: nobody has decided; `requested`: to be replayed; `superseded`: a later record of the subject was "
        "taken; `replayed`, `dismissed`: closed."
    )
    seen_at: datetime = Field(description="When it was set aside, UTC.")
    resolved_at: datetime | None = Field(description="When it was closed, UTC; null: it is not.", examples=[None])
    resolved_by: str | None = Field(description="Id of the key of whoever decided; null: nobody did.", examples=[None])
    note: str | None = Field(description="Why it was decided so; null: nobody decided.", examples=[None])
    attempts: int = Field(description="How often it was replayed.", examples=[0])
    attempted_at: datetime | None = Field(description="When it was last replayed, UTC; null: never.", examples=[None])


class WholeDeadLetterView(DeadLetterView):
    """With what was wrong, and the record as far as it is text."""

    detail: str = Field(description="What exactly was wrong, in English.", examples=["KeyError: nims"])
    record: str | None = Field(description="The record's value, as far as it is text; null: it had none.", examples=["{}"])


class SelectionBody(RequestModel):
    """Dead letters that are all of this: open ones, and for a dismissal those too that wait for a replay.
    Without any of it, `all` must be true."""

    ids: Annotated[tuple[Annotated[int, Field(ge=1, lt=2**63, strict=True)], ...], Field(max_length=MOST_IDS)] | None = Field(
        None, description="Numbers of dead letters; absent: of any number.", examples=[[17]]
    )
    consumer: Name | None = Field(None, description="Name of their consumer; absent: of any.")
    topic: Name | None = Field(None, description="Topic of their records; absent: any.")
    partition: Number | None = Field(None, description="Partition number of their records; absent: any.")
    reason: Name | None = Field(None, description="Why they were set aside, by its fixed name; absent: for any reason.")
    subject: Annotated[str, Field(max_length=600)] | None = Field(
        None, description="The subject's id, or the record's whole key; absent: any."
    )
    all: Annotated[bool, Field(strict=True, description="True alone, without any of the above, means all of them.")] = False
    because: Because

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.selection.is_everything is not self.all:
            raise ValueError("name what is meant, or all alone")
        return self

    @property
    def selection(self) -> DeadLetterSelection:
        return DeadLetterSelection(self.ids, self.consumer, self.topic, self.partition, self.reason, self.subject)


class ReplayBody(SelectionBody):
    """Dead letters to be read again, and how fast."""

    rate: Annotated[float, Field(ge=0.01, le=10_000)] | None = Field(
        None, description="The most records a second; absent: as fast as can be.", examples=[10]
    )


class Decided(BaseModel):
    """How many dead letters it was about."""

    count: int = Field(description="How many dead letters the decision was about.", examples=[1])
    requested: int = Field(
        description="How many of them waited for a replay already, which a dismissal takes back.", examples=[0]
    )


class ResumeBody(RequestModel):
    """Halted partitions that are all of this; all that are halted where it says nothing."""

    consumer: Name | None = Field(None, description="Name of the consumer; absent: any.", examples=["credentials"])
    partition: Number | None = Field(None, description="Partition number; absent: any.", examples=[3])
    because: Because


class HaltView(BaseModel):
    """A partition number that stood still."""

    consumer: str = Field(description="Name of the consumer.", examples=["credentials"])
    partition: int = Field(description="Partition number.", examples=[3])
    topic: str = Field(
        description="The topic that stood still; empty: all topics of the consumer.",
        examples=["learners.credential-definition.v1"],
    )
    reason: str = Field(description="Why it stopped, in English.", examples=["too many dead letters"])
    since: datetime = Field(description="When it stopped, UTC.")


class Resumed(BaseModel):
    """What goes on within a second, where the service runs."""

    resumed: list[HaltView] = Field(description="Each partition number that was resumed.")


def halt_view(halt: Halt) -> HaltView:
    return HaltView(consumer=halt.consumer, partition=halt.partition, topic=halt.topic, reason=halt.reason, since=halt.since)


def dead_letter_view(row: DeadLetterRow) -> DeadLetterView:
    shown = {name: getattr(row, name) for name in DeadLetterView.model_fields if name != "key"}
    return DeadLetterView(**shown, key=(row.key or b"").decode(errors="backslashreplace"))
