"""How previews are shown."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, Field

from contracts.wire import Region
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark
from openings.domain.preview import Preview, PreviewStatus
from openings.entrypoints.fields import PREVIEW_EXAMPLE
from openings.entrypoints.reach_views import ReachView
from reference.places import load_places


class PreviewView(BaseModel):
    """A question about an opening that is not published, and the answer once it is there."""

    preview_id: str = Field(description="Id of the preview. It is kept for 24 hours.", examples=[PREVIEW_EXAMPLE])
    status: PreviewStatus = Field(
        description="`pending`: the counts are not there yet. `answered`: they are. `unanswered`: they did not come in time; "
        "ask again.",
        examples=["answered"],
    )
    region: Region
    region_name: str = Field(description="The name of the region, for people.", examples=["Toledo, OH"])
    asked_at: datetime = Field(description="When it was asked for, UTC.", examples=["2026-11-22T09:00:00Z"])
    reach: ReachView | None = Field(description="The counts; null unless the preview is answered.")

    @classmethod
    def of(cls, preview: Preview) -> "PreviewView":
        return cls(
            preview_id=preview.preview_id,
            status=preview.status,
            region=preview.region,
            region_name=load_places().region_name(preview.region),
            asked_at=preview.asked_at,
            reach=None if preview.reach is None else ReachView.of(preview.reach, preview.groups),
        )


class AcceptedPreviewView(PreviewView, Warned):
    """A preview with the warnings that publishing would answer with."""

    @classmethod
    def with_warnings(cls, view: PreviewView, remarks: Iterable[Remark]) -> "AcceptedPreviewView":
        return cls(**dict(view), warnings=warnings_of(remarks))
