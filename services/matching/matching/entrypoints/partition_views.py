"""What the route of partitions answers with."""

from datetime import date

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from matching.entrypoints.fields import DAY_EXAMPLE


class PartitionView(BaseModel):
    """The owner of one partition number, and what the results of its regions stand on."""

    consumer: str = Field(description="The name of the consumer that reads the partition.", examples=["matching.market"])
    partition: int = Field(
        description="The partition number, from 0, the same in every topic that is split by region.", examples=[0]
    )
    epoch: int = Field(description="Grows with every change of the owner; only the newest may write.", examples=[3])
    owner: str = Field(description="The process that owns the partition, or did last.", examples=["matching-7c9f"])
    offsets: dict[str, int] = Field(
        description="The next offset to read, by topic.",
        examples=[{"openings.opening.v1": 120, "learners.learner.v1": 480, "learners.cohort.v1": 12}],
    )
    catalog_offset: int = Field(
        description="How much of the catalog the results stand on, as a count that only grows with its definitions.",
        examples=[96],
    )
    day: date | None = Field(
        description=f"Calendar date {ZONED} that the results are for; null before the first.", examples=[DAY_EXAMPLE]
    )
    policy_version: int = Field(
        description="Version of the policy that the results stand on; 0 while the partition catches up.", examples=[1]
    )
