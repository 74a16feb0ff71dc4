"""What the pages of accreditations show and offer to choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self
from urllib.parse import urlencode

from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.catalog_repository import list_credentials
from learners.adapters.provider_repository import list_providers
from learners.domain.accreditation import Accreditation
from learners.domain.catalog import issuer_key
from makersync.http.pagination import PageRequest

#: More than any catalog has, and than anybody chooses from.
_ALL = 2000
Option = tuple[str, str]


class AccreditationStanding(StrEnum):
    COMING = "begins later"
    LASTING = "in force"
    OVER = "over"
    ENDED = "ended"
    NEVER = "never counted"


def standing(accreditation: Accreditation, today: date) -> AccreditationStanding:
    if accreditation.retroactive:
        return AccreditationStanding.NEVER
    if accreditation.ended_at is not None:
        return AccreditationStanding.ENDED
    if not accreditation.lasts(today):
        return AccreditationStanding.OVER
    is_coming = accreditation.since is not None and accreditation.since > today
    return AccreditationStanding.COMING if is_coming else AccreditationStanding.LASTING


@dataclass(frozen=True, slots=True)
class AccreditationFilter:
    """None: all."""

    provider_id: str | None = None
    issuer: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        return cls(query.get("provider_id", "").strip() or None, query.get("issuer", "").strip() or None)

    @property
    def given(self) -> dict[str, str]:
        return {"provider_id": self.provider_id or "", "issuer": self.issuer or ""}

    @property
    def query(self) -> str:
        return urlencode(self.given)

    @property
    def is_any(self) -> bool:
        return self.provider_id is not None or self.issuer is not None


async def providers(session: AsyncSession) -> Sequence[Option]:
    found = await list_providers(session, PageRequest(_ALL))
    return sorted(((each.provider_id, each.name) for each in found.items), key=lambda each: each[1].casefold())


async def issuers(session: AsyncSession) -> Sequence[Option]:
    """Those of the catalog, each once: names that differ in case alone are of one issuer."""
    found = await list_credentials(session, None, PageRequest(_ALL))
    names = {issuer_key(each.definition.issuer): each.definition.issuer for each in found.items}
    return [(name, name) for _, name in sorted(names.items())]


def chosen(options: Sequence[Option], value: str | None) -> Sequence[Option]:
    """With what was chosen, even where it is not one of them, so that it is shown once more."""
    known = {each for each, _ in options}
    return options if not value or value in known else [(value, value), *options]
