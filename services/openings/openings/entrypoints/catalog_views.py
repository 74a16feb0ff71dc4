"""How this service's copy of the catalog is shown."""

from pydantic import BaseModel, Field


class KnownCompetencyView(BaseModel):
    """A competency that an opening can ask for (MARKET.md section 2)."""

    id: str = Field(description="What an alternative names as `competency`.", examples=["machining.cnc-milling"])
    name: str = Field(description="The name that people know it by.", examples=["CNC milling"])


class KnownCredentialView(BaseModel):
    """A credential that an opening can ask for (MARKET.md section 2)."""

    id: str = Field(description="What an alternative names as `credential`.", examples=["nims:cnc-milling-operator"])
    name: str = Field(description="The name that people know it by.", examples=["Milling I"])
    issuer: str = Field(description="Who issues it.", examples=["NIMS"])
    aliases: list[str] = Field(description="Other names that it is searched by.", examples=[["Machining Level I: Milling"]])
