"""What this service reads of `matching.skill-shortage.v1`, and the rows that it becomes."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.topics import SKILL_SHORTAGE
from contracts.wire import Count, Day, Identifier, Region, Sum, Thousandths, Whole, Word
from learners.domain.signal import kind_of
from makersync.effects.reading import Reader, ReaderModel, Reading, Received

Subject = Annotated[str, Field(max_length=300, pattern=r"^(credential:.+|competency:.+@[1-5])$")]

Level = Literal["insufficient_data", "surplus", "balanced", "shortage", "severe"]


class MeasuredReading(ReaderModel):
    value: Whole | None = None
    evidence: Count


class IndicatorsReading(ReaderModel):
    """A source or driver that a later matching service adds is shown as it is."""

    as_of: Day
    source: Word
    driver: Word | None = None
    demand_trend: MeasuredReading | None = None
    fill_rate: MeasuredReading | None = None
    days_to_fill: MeasuredReading | None = None
    posted_wage: MeasuredReading | None = None
    wage_ratio: MeasuredReading | None = None
    concentration: MeasuredReading | None = None


class SignalReading(ReaderModel):
    """Signals by version 1 of the market rules have no level ahead, no tightness ahead and no employer's share."""

    region: Region
    subject: Subject
    level: Level
    level_ahead: Level | None = None
    demand: Sum
    openings: Count
    employers: Count
    supply: Count
    supply_home: Count
    pipeline: Count
    blocked: Count
    tightness: Sum
    employer_share: Thousandths | None = None
    tightness_ahead: Sum | None = None
    top_credentials: Annotated[tuple[Identifier, ...], Field(max_length=10)] = ()
    policy_version: Count
    day: Day
    indicators: IndicatorsReading | None = None


SIGNAL_READER = Reader(
    SKILL_SHORTAGE,
    dict.fromkeys(("ShortageRaised", "ShortageEased", "ShortageCleared", "ShortageSilenced", "ShortageRevised"), SignalReading),
)


def signal_row(received: Received[Reading], reading: SignalReading) -> dict[str, Any]:
    return reading.model_dump() | {
        "version": received.event.version,
        "subject_kind": kind_of(reading.subject),
        "kind": received.kind,
        "top_credentials": list(reading.top_credentials),
        "indicators": None if reading.indicators is None else reading.indicators.model_dump(mode="json"),
        "at": received.event.time,
    }
