"""Warnings in a response about values that were accepted but look wrong."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from makersync.remarks import Remark


class FieldWarning(BaseModel):
    """A rule that one field keeps only just. The value itself is never repeated."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    field: str = Field(description="Path of the field in the request.", examples=["name"])
    rule: str = Field(description="Fixed name of the rule.", examples=["same_name"])
    detail: str = Field(description="What to look at, in English.", examples=["another one has it too"])


class Warned(BaseModel):
    """An answer that has room for warnings."""

    warnings: list[FieldWarning] = Field(
        description="What was taken and should be looked at once more; empty when there is nothing.", examples=[[]]
    )


def warnings_of(remarks: Iterable[Remark]) -> list[FieldWarning]:
    return [FieldWarning.model_validate(remark) for remark in remarks]
