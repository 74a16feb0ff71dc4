"""The fields of competencies and credential definitions (MARKET.md section 2).

Bodies and views say which type of value each has: what is sent has bounds, such as `Issuer[Name]`; what is shown has none.
"""

from typing import Annotated, TypeVar

from pydantic import Field

Value = TypeVar("Value")

CompetencyName = Annotated[Value, Field(description="What people call the competency, one line.", examples=["CNC milling"])]
Level = Annotated[Value, Field(description="Level of the competency, from 1 (aware) to 5 (expert).", examples=[3])]
CredentialName = Annotated[
    Value, Field(description="What people call the credential, one line.", examples=["CNC Milling: Level I"])
]
Issuer = Annotated[
    Value,
    Field(
        description="Name of the body that awards the credential. It never changes: providers are accredited for an issuer, "
        "and the evidence of awards stands on that.",
        examples=["National Institute for Metalworking Skills"],
    ),
]
Aliases = Annotated[
    Value,
    Field(
        description="Other names under which people know it. They inform people, and nothing is matched by them.",
        examples=[["NIMS Milling I"]],
    ),
]
Confers = Annotated[
    Value,
    Field(
        description="Competencies that a holder has, each once, with the level. An opening that asks for one takes that level "
        "and those above.",
        examples=[[{"competency": "machining.cnc-milling", "level": 3}]],
    ),
]
Implies = Annotated[
    Value,
    Field(
        description="Ids of credentials that a holder of this one holds as well, at most 50.",
        examples=[["nims:cnc-milling-operator"]],
    ),
]
ComposedOf = Annotated[
    Value,
    Field(
        description="Ids of the credentials that together make this one: who holds them all holds it. Empty: it is not "
        "composed.",
        examples=[[]],
    ),
]
ValidMonths = Annotated[
    Value,
    Field(
        description="How long an award is usually valid, in months. It informs people: no award gets a date from it. Null: "
        "unknown.",
        examples=[24],
    ),
]
TrainingWeeks = Annotated[
    Value,
    Field(
        description="How long the training usually takes, in weeks; shorter training is recommended first (MARKET.md section "
        "11). Null: unknown, which comes last.",
        examples=[16],
    ),
]
References = Annotated[
    Value,
    Field(
        description="Where people can read about the credential, such as the issuer's page.",
        examples=[["https://www.nims-skills.org"]],
    ),
]
