"""Warnings beside an answer: what was taken though a person would ask twice."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from makersync.remarks import Remark


class FieldWarning(BaseModel):
    """A rule that one field keeps only just. The value itself is never repeated."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    field: str = Field(description="Path of the field in the request.")
    rule: str = Field(description="Fixed name of the rule.")
    detail: str


class Warned(BaseModel):
    """An answer that has room for warnings."""

    warnings: list[FieldWarning] = Field(description="What was taken, and should be looked at once more.")


def warnings_of(remarks: Iterable[Remark]) -> list[FieldWarning]:
    return [FieldWarning.model_validate(remark) for remark in remarks]
