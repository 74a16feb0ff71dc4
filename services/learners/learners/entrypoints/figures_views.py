"""How the figures of the service are shown to operators."""

from pydantic import BaseModel, Field


class LearnerFigures(BaseModel):
    """Learners of all providers. Those who were erased are not counted."""

    seeking: int = Field(description="Learners who are looking for work.", examples=[120])
    not_seeking: int = Field(description="Learners who are not looking for work.", examples=[30])


class SignalFigures(BaseModel):
    """Shortage signals that this service has received."""

    by_level: dict[str, int] = Field(
        description="Cells by the level that each has now, every level named, 0 where there is none (MARKET.md section 12).",
        examples=[{"insufficient_data": 40, "surplus": 3, "balanced": 8, "shortage": 5, "severe": 1}],
    )
    totals: dict[str, int] = Field(
        description="Signals that ever came, by kind: raised, eased, cleared, silenced, revised (MARKET.md section 13).",
        examples=[{"raised": 9, "eased": 2, "cleared": 4, "silenced": 6, "revised": 31}],
    )


class LearnersActivity(BaseModel):
    """The whole service in numbers, as of now."""

    learners: LearnerFigures = Field(description="Learners by whether they are looking for work.")
    awards: dict[str, int] = Field(
        description="Awards of all learners by status, every status named, 0 where there is none.",
        examples=[{"active": 210, "in_progress": 24, "suspended": 1, "revoked": 2}],
    )
    introductions: dict[str, int] = Field(
        description="Introductions by where they stand, every status named, 0 where there is none.",
        examples=[
            {"asked": 4, "accepted": 3, "declined": 5, "lapsed": 2, "withdrawn": 6, "hired": 7, "not_hired": 4},
        ],
    )
    signals: SignalFigures = Field(description="Shortage signals by level and by kind.")
