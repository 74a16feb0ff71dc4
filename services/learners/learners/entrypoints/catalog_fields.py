"""What the fields of competencies and credential definitions mean, the same in bodies and views (MARKET.md section 2)."""

from pydantic import Field

COMPETENCY_NAME = Field(description="What people call the competency, one line.", examples=["CNC milling"])
LEVEL = Field(description="Level of the competency, from 1 (aware) to 5 (expert).", examples=[3])
CREDENTIAL_NAME = Field(description="What people call the credential, one line.", examples=["CNC Milling: Level I"])
ISSUER = Field(
    description="Name of the body that awards the credential. It never changes: providers are accredited for an issuer, and "
    "the evidence of awards stands on that.",
    examples=["National Institute for Metalworking Skills"],
)
ALIASES = Field(
    description="Other names under which people know it. They inform people, and nothing is matched by them.",
    examples=[["NIMS Milling I"]],
)
CONFERS = Field(
    description="Competencies that a holder has, each once, with the level. An opening that asks for one takes that level and "
    "those above.",
    examples=[[{"competency": "machining.cnc-milling", "level": 3}]],
)
IMPLIES = Field(
    description="Ids of credentials that a holder of this one holds as well, at most 50.",
    examples=[["nims:cnc-milling-operator"]],
)
COMPOSED_OF = Field(
    description="Ids of the credentials that together make this one: who holds them all holds it. Empty: it is not composed.",
    examples=[[]],
)
VALID_MONTHS = Field(
    description="How long an award is usually valid, in months. It informs people: no award gets a date from it. Null: "
    "unknown.",
    examples=[24],
)
TRAINING_WEEKS = Field(
    description="How long the training usually takes, in weeks; shorter training is recommended first (MARKET.md section 11). "
    "Null: unknown, which comes last.",
    examples=[16],
)
REFERENCES = Field(
    description="Where people can read about the credential, such as the issuer's page.",
    examples=[["https://www.nims-skills.org"]],
)
