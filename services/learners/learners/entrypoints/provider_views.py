"""Providers in answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from learners.domain.provider import Provider
from learners.entrypoints.ids import ProviderId, Version
from learners.entrypoints.provider_fields import PROVIDER_NAME
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark


class ProviderView(BaseModel):
    """A training provider: an organisation that registers learners and plans cohorts."""

    provider_id: ProviderId
    name: Annotated[str, PROVIDER_NAME]
    created_at: datetime = Field(
        description="UTC instant at which an operator first brought it in; the id contains it too.",
        examples=["2026-11-02T09:00:00Z"],
    )
    version: Version

    @classmethod
    def of(cls, provider: Provider) -> Self:
        return cls.model_validate(provider, from_attributes=True)


class AddedProviderView(ProviderView, Warned):
    """A new provider."""

    @classmethod
    def added(cls, provider: Provider, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(ProviderView.of(provider)), warnings=warnings_of(remarks))
