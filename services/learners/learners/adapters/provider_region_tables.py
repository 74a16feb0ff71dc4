"""Which provider is concerned by which region, and so is told of its signals."""

from sqlmodel import Field

from learners.adapters.model import LearnersModel


class ProviderRegionRow(LearnersModel, table=True):
    """The provider has or had a learner whose home is in the region, or planned a cohort there. Such a row stays for good."""

    __tablename__ = "provider_region"

    region: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True, index=True)


class FeedRegionRow(LearnersModel, table=True):
    """Has no content. Whoever writes about the signals of a region locks its row."""

    __tablename__ = "feed_region"

    region: str = Field(primary_key=True)
