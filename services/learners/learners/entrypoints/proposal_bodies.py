"""Bodies of requests about proposals."""

from pydantic import Field, StrictBool

from learners.domain.proposal import Acceptance
from learners.entrypoints.catalog_bodies import DefinitionBody
from learners.entrypoints.fields import CatalogId, Text
from makersync.http.bodies import RequestModel


class ProposalBody(DefinitionBody):
    """A definition that a provider proposes, with the id that it would have."""

    id: CatalogId


class ApprovalBody(RequestModel):
    accept_foreign: StrictBool = Field(False, description="Accept that it reaches for what others have published.")
    accept_same_name: StrictBool = Field(False, description="Accept that its issuer has the name or an alias already.")

    def acceptance(self) -> Acceptance:
        return Acceptance(self.accept_foreign, self.accept_same_name)


class RejectionBody(RequestModel):
    reason: Text
