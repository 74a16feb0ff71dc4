"""Bodies of requests about proposals."""

from typing import Annotated

from pydantic import Field, StrictBool

from learners.domain.proposal import Acceptance
from learners.entrypoints.catalog_bodies import DefinitionBody
from learners.entrypoints.fields import CatalogId, Text
from learners.entrypoints.ids import NEW_ID
from learners.entrypoints.proposal_fields import REJECTION_REASON
from makersync.http.bodies import RequestModel


class ProposalBody(DefinitionBody):
    """A definition that a provider proposes, with the id that it would have."""

    id: Annotated[CatalogId, NEW_ID]


class ApprovalBody(RequestModel):
    """What an operator accepts of what the proposal was found to touch. An empty object accepts nothing."""

    accept_foreign: StrictBool = Field(
        False,
        description="Accept that it names credentials, or the issuer, of somebody else: demanded when the proposal's "
        "`touches` is not empty.",
    )
    accept_same_name: StrictBool = Field(
        False,
        description="Accept that its issuer has a credential of that name or alias: demanded when `same_names` is not empty.",
    )

    def acceptance(self) -> Acceptance:
        return Acceptance(self.accept_foreign, self.accept_same_name)


class RejectionBody(RequestModel):
    """Why a proposal is rejected."""

    reason: Annotated[Text, REJECTION_REASON]
