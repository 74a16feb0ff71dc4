"""What the routes of cells answer with."""

from datetime import date

from pydantic import BaseModel, Field

from contracts.matching import CellLevel
from contracts.wire import ZONED
from matching.domain.cells.shortage_cell import SignalKind
from matching.entrypoints.fields import CREDENTIAL_EXAMPLE, DAY_EXAMPLE, PolicyVersion, RegionId, Subject

EARLIER = "Null in a signal by version 1 of the market rules."


class CellMeasureView(BaseModel):
    """The components of a cell (MARKET.md section 12)."""

    demand: int = Field(
        description="Thousandths of positions: the sum of 1000 * remaining // alternatives over the required groups of live "
        "openings that have the subject among their alternatives.",
        examples=[14500],
    )
    openings: int = Field(description="Live openings behind the demand.", examples=[9])
    employers: int = Field(description="Employers behind the demand.", examples=[5])
    supply: int = Field(
        description="Learners who reach the region, seek work, consent to matching and hold the subject.", examples=[6]
    )
    supply_home: int = Field(description="Those of `supply` who live in the region; 0 for `remote`.", examples=[4])
    pipeline: int = Field(
        description="Learners who will hold the subject once training ends that they are in, and open seats of cohorts for it, "
        "both within 180 days unless the policy says otherwise.",
        examples=[16],
    )
    blocked: int = Field(
        description="Positions that stay open for want of the subject: learners lack this one required group.", examples=[11]
    )
    tightness: int = Field(
        description="Demand over supply in thousandths: 1000 * (demand + 2000) // (1000 * supply + 2000).", examples=[2062]
    )
    employer_share: int | None = Field(
        None,
        description="Share of the demand that the employer with the largest has, in thousandths. " + EARLIER,
        examples=[413],
    )
    tightness_ahead: int | None = Field(
        None,
        description="Tightness with `supply` and `pipeline` together in place of `supply`. " + EARLIER,
        examples=[687],
    )
    top_credentials: list[str] = Field(
        description="Ids of up to five credentials that provide the subject, those with the shortest training first.",
        examples=[[CREDENTIAL_EXAMPLE]],
    )


class CellSignalView(BaseModel):
    """The last event of a cell (MARKET.md section 13)."""

    version: int = Field(description="Version of the cell's signal, which only grows.", examples=[1])
    kind: SignalKind = Field(
        description="`raised` to shortage or severe, `eased` from severe to shortage, `cleared` to balanced or surplus, "
        "`silenced` for want of evidence, `revised` otherwise.",
        examples=["raised"],
    )
    level: CellLevel = Field(description="The cell's level at the time of the event.", examples=["shortage"])
    level_ahead: CellLevel | None = Field(
        None,
        description="The level by `tightness_ahead`, where the cell goes once those in training finish; `insufficient_data` "
        "when `level` is. It is that of now while the cell has a level. " + EARLIER,
        examples=["balanced"],
    )
    measure: CellMeasureView = Field(
        description="The components at the time of the event. Demand, supply, pipeline and blocked have moved by at most a "
        "tenth since while the cell has a level."
    )
    policy_version: PolicyVersion
    day: date = Field(description=f"Calendar date {ZONED} of the event.", examples=[DAY_EXAMPLE])


class CellView(BaseModel):
    """How short one credential or competency is in one region (MARKET.md section 12)."""

    region: RegionId
    subject: Subject
    level: CellLevel = Field(
        description="By tightness in thousandths: `surplus` below 667, `balanced` below 1500, `shortage` below 3000, else "
        "`severe`; from yesterday's level it falls only when clearly below. `insufficient_data`: fewer than 5 openings or 3 "
        "employers, or one employer with more than 667 thousandths of the demand. The numbers are the policy's defaults.",
        examples=["shortage"],
    )
    previous_level: CellLevel | None = Field(
        description=f"The level at the end of yesterday {ZONED}, from which today's can fall; null when there was none.",
        examples=["balanced"],
    )
    signal: CellSignalView | None = Field(description="The last event of the cell; null before the first.")
