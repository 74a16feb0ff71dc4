"""Descriptions of fields that bodies and views of introductions share."""

from pydantic import Field

DECLINE_REASON = Field(
    description="Why not: `not_interested`, `other_job` (the learner has another one in view), `pay`, `place`, `hours`, "
    "`timing` or `other`. The employer sees it.",
    examples=["timing"],
)
