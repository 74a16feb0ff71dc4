"""How this service's copy of the catalog is shown."""

from pydantic import BaseModel


class KnownCompetencyView(BaseModel):
    id: str
    name: str


class KnownCredentialView(BaseModel):
    id: str
    name: str
    issuer: str
    aliases: list[str]
