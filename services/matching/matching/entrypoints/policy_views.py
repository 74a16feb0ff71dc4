"""What the route of the policy answers with."""

from pydantic import BaseModel, Field


class PolicyView(BaseModel):
    """Every number that an operator may set, by the name that a policy file uses."""

    version: int = Field(description="Grows with every policy that is applied.", examples=[1])
    weight_preferred: int = Field(description="Weight of the component `preferred` (MARKET.md section 8).", examples=[50])
    weight_trainable: int = Field(description="Weight of the component `trainable` (MARKET.md section 8).", examples=[30])
    weight_evidence: int = Field(description="Weight of the component `evidence` (MARKET.md section 8).", examples=[20])
    shortlist_min: int = Field(description="Least room of a shortlist, learners (MARKET.md section 9).", examples=[10])
    shortlist_max: int = Field(description="Most room of a shortlist, learners (MARKET.md section 9).", examples=[100])
    shortlist_per_position: int = Field(
        description="Room of a shortlist for each remaining position, between the two bounds (MARKET.md section 9).",
        examples=[5],
    )
    pipeline_days: int = Field(
        description="Days ahead within which training must end to count in the pipeline (MARKET.md section 12).", examples=[180]
    )
    guard_openings: int = Field(description="Openings that a cell needs to have a level (MARKET.md section 12).", examples=[5])
    guard_employers: int = Field(
        description="Employers that a cell needs to have a level (MARKET.md section 12).", examples=[3]
    )
    guard_employer_share: int = Field(
        description="Share of a cell's demand above which one employer's postings are no market, thousandths; 1000 guards "
        "nothing (MARKET.md section 12).",
        examples=[667],
    )
    threshold_balanced: int = Field(
        description="Tightness from which a cell is balanced, thousandths (MARKET.md section 12).", examples=[667]
    )
    threshold_shortage: int = Field(
        description="Tightness from which a cell is a shortage, thousandths (MARKET.md section 12).", examples=[1500]
    )
    threshold_severe: int = Field(
        description="Tightness from which a shortage is severe, thousandths (MARKET.md section 12).", examples=[3000]
    )
    hysteresis_tenths: int = Field(
        description="A level goes down one step only when 10 * tightness < this * its lower threshold (MARKET.md section 12).",
        examples=[9],
    )
    revision_tenths: int = Field(
        description="A component has moved when 10 * |new - old| > this * old (MARKET.md section 13).", examples=[1]
    )
    smoothing: int = Field(
        description="Thousandths added to demand and to supply, so that small markets are not extreme (MARKET.md section 12).",
        examples=[2000],
    )
    top_credentials: int = Field(description="Most credentials that a signal names (MARKET.md section 12).", examples=[5])
    pathway_size: int = Field(
        description="Most credentials that a learner's pathway names (MARKET.md section 11).", examples=[5]
    )
    refresh_seconds: int = Field(
        description="Seconds between two refreshes of the pathways of a region (MARKET.md section 11).", examples=[3600]
    )
    pathway_rate: int = Field(
        description="Most lists of pathways that are published a second and partition (MARKET.md section 11).", examples=[500]
    )
