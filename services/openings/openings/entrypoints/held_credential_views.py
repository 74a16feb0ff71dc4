"""The credentials behind a match, and whose learners they are, in answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from openings.domain.shortlist import HeldCredential
from openings.entrypoints.fields import AWARD_EXAMPLE

ProviderName = Annotated[
    str | None,
    Field(
        description="Name of the training provider; null where this service has not read it, and once it is forgotten.",
        examples=["York Technical College"],
    ),
]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What the ids in an answer are called: credentials and training providers, as far as this service has read of them."""

    credentials: Mapping[str, str]
    providers: Mapping[str, str]

    def provider(self, provider_id: str | None) -> str | None:
        return None if provider_id is None else self.providers.get(provider_id)


class HeldCredentialView(BaseModel):
    """An award of the learner, and which credential it is."""

    award_id: str = Field(description="Id of the award.", examples=[AWARD_EXAMPLE])
    credential: str = Field(
        description="Id of the credential in the catalog. It may meet a group by what it implies, or by a competency that it "
        "confers.",
        examples=["nims:cnc-milling-operator"],
    )
    name: str | None = Field(
        description="Name of the credential; null where this service's copy of the catalog does not have it.",
        examples=["CNC Mill Operator"],
    )
    expires_on: date | None = Field(
        description=f"First calendar date {ZONED} on which it does not count any more, as the match stated it last; null: it "
        "did not expire then. A renewal alone does not change a match: the next change shows it.",
        examples=["2028-11-20"],
    )


def held_views(held: Iterable[HeldCredential], names: Mapping[str, str]) -> list[HeldCredentialView]:
    """`names` are those of the credentials, by id."""
    return [
        HeldCredentialView(
            award_id=each.award_id,
            credential=each.credential,
            name=names.get(each.credential),
            expires_on=each.expires_on,
        )
        for each in held
    ]
