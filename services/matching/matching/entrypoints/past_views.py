"""The past of a pair as the routes answer with it."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from contracts.wire import ZONED
from matching.domain.explanation.pair_past import AsOf, PairEvent, PairPast, PastChange, PastKind
from matching.entrypoints.fields import DAY_EXAMPLE, PolicyVersion
from matching.entrypoints.past_words import in_words

KEY_EXAMPLE, MOMENT_EXAMPLE = "match-2", "2026-11-24T09:30:00Z"
MOST_EVENTS = 200
_KEY = "Names the event among those of the pair, such as `match-2`, `opening-3`, `learner-7` or `policy-2`."

AtQuery = Annotated[
    str | None,
    Query(
        max_length=200,
        description="Explain the pair as it was at one of its events, by the event's `key` or `event_id`, or at a moment (RFC "
        "3339). Absent: now.",
        examples=[KEY_EXAMPLE],
    ),
]
LimitQuery = Annotated[int, Query(ge=1, le=MOST_EVENTS, description="Most events in the answer.")]
BeforeQuery = Annotated[
    str | None,
    Query(max_length=200, description="Go on after this event: the `next` of the answer before.", examples=[KEY_EXAMPLE]),
]


class PublishedView(BaseModel):
    """What was published of the match."""

    score: int | None = Field(description="The score, from 0 to 10000; null of a withdrawal.", examples=[2857])
    reason: str | None = Field(description="Why the match was withdrawn (MARKET.md section 10); null of a live one.")
    gate: str | None = Field(description="The gate behind the reason.")
    unmet: list[str] = Field(description="The required groups behind the reason.", examples=[[]])


class PairEventView(BaseModel):
    """One event of a pair: of its opening, its learner, its match or the rules."""

    key: str = Field(description=_KEY, examples=[KEY_EXAMPLE])
    event_id: str | None = Field(description="The id of the event that brought an opening's or a learner's state.")
    kind: PastKind = Field(description="What it is about.", examples=["match"])
    change: PastChange = Field(
        description="`state` is a new version, `ended` that the subject left the region. Matches are `proposed`, `revised` or "
        "`withdrawn`, and `published` where the event before is not kept. Of the rules, `policy` or `catalog` changed.",
        examples=["withdrawn"],
    )
    version: int = Field(description="Version of the opening, learner or match; of the policy; or the definitions read so far.")
    applied_at: datetime | None = Field(
        description="When matching applied or published it; null when that is not kept.", examples=[MOMENT_EXAMPLE]
    )
    happened_at: datetime | None = Field(description="The event's own time, where it came from another service.")
    summary: str = Field(description="What happened, in words.", examples=["The match was proposed with the score 2857"])
    explainable: bool = Field(description="Whether the pair can be explained as of this event.", examples=[True])
    published: PublishedView | None = Field(description="Of a match, what was published; null of others.")

    @classmethod
    def of(cls, event: PairEvent) -> "PairEventView":
        told = event.published
        return cls(
            key=event.key,
            event_id=event.event_id,
            kind=event.kind,
            change=event.change,
            version=event.version,
            applied_at=event.at,
            happened_at=event.happened_at,
            summary=in_words(event),
            explainable=event.is_known,
            published=told and PublishedView(score=told.score, reason=told.reason, gate=told.gate, unmet=list(told.unmet)),
        )


class PairEventsView(BaseModel):
    """The events of a pair, the newest first."""

    known_since: datetime | None = Field(
        description="The moment from which on the pair can be explained as it was; null when nothing is kept yet.",
        examples=[MOMENT_EXAMPLE],
    )
    items: list[PairEventView] = Field(description="The events.")
    next: str | None = Field(description="To be sent as `before` for older events; null at the end.", examples=[None])

    @classmethod
    def of(cls, past: PairPast, before: str | None, limit: int) -> "PairEventsView | None":
        """None when there is no event `before`."""
        events = past.events()
        keys = [each.key for each in events]
        if before is not None and before not in keys:
            return None
        rest = events[0 if before is None else keys.index(before) + 1 :]
        more = rest[limit - 1].key if len(rest) > limit else None
        return cls(known_since=past.since, items=[PairEventView.of(each) for each in rest[:limit]], next=more)


class AsOfView(BaseModel):
    """What an explanation of the past stands on."""

    moment: datetime = Field(description="The moment that the pair is explained at.", examples=[MOMENT_EXAMPLE])
    day: date = Field(description=f"Calendar date {ZONED} that the market stood on then.", examples=[DAY_EXAMPLE])
    policy_version: PolicyVersion
    event: PairEventView | None = Field(description="The event, when the pair is explained at one.")

    @classmethod
    def of(cls, as_of: AsOf) -> "AsOfView":
        event = as_of.event and PairEventView.of(as_of.event)
        return cls(moment=as_of.at, day=as_of.rules.day, policy_version=as_of.rules.policy_version, event=event)
