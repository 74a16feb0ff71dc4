"""Providers in answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from learners.domain.provider import Provider
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class ProviderView(BaseModel):
    provider_id: str
    name: str
    created_at: datetime
    version: int

    @classmethod
    def of(cls, provider: Provider) -> Self:
        return cls.model_validate(provider, from_attributes=True)


class AddedProviderView(ProviderView, Warned):
    """A new provider."""

    @classmethod
    def added(cls, provider: Provider, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(ProviderView.of(provider)), warnings=warnings_of(remarks))
