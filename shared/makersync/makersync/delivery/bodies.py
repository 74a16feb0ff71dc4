"""What organisations send about their webhooks."""

from typing import Annotated

from pydantic import Field

from makersync.delivery.signing import Signing
from makersync.delivery.targets import LONGEST_URL
from makersync.http.bodies import LEFT_OUT, RequestModel

USUAL_GRACE_SECONDS, MOST_GRACE_SECONDS = 24 * 3600, 7 * 24 * 3600
LAST_POSITION = 2**63 - 1

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_URL,
        description="Where messages are posted to: https, and a host whose addresses are all public.",
        examples=["https://ats.example.org/hooks/makersync"],
    ),
]
Types = Annotated[
    list[str],
    Field(
        max_length=50,
        description="Types of entries of the feed that are sent; empty: all, and those that are added later.",
        examples=[["match.proposed", "match.withdrawn"]],
    ),
]
Description = Annotated[
    str, Field(max_length=200, description="What people call the receiver.", examples=["Applicant tracking system"])
]


class WebhookBody(RequestModel):
    """A new webhook."""

    url: Url
    types: Types = Field(default_factory=list)
    description: Description = ""
    signing: Signing = Field(
        Signing.HMAC,
        description="`hmac`: with a secret `whsec_...` that the receiver has too. `ed25519`: with a private key that stays "
        "here, and whose public key `whpk_...` the receiver reads.",
    )
    after: int | None = Field(
        None,
        ge=0,
        le=LAST_POSITION,
        description="The position of the feed after which to begin; absent or null: with the next entry.",
        examples=[4711],
    )


class WebhookChange(RequestModel):
    """What is to be changed about a webhook. What is absent stays."""

    url: Url = LEFT_OUT
    types: Types = LEFT_OUT
    description: Description = LEFT_OUT


class SecretRotation(RequestModel):
    """How one signing secret follows another."""

    grace_seconds: int = Field(
        USUAL_GRACE_SECONDS,
        ge=0,
        le=MOST_GRACE_SECONDS,
        description="For how many seconds messages are signed with the old secret too. Usually a day; 0 ends it at once.",
    )


class ReplayRequest(RequestModel):
    """Which entries of the feed are to be sent once more."""

    first: int = Field(ge=1, le=LAST_POSITION, description="The position of the first entry.", examples=[4712])
    last: int | None = Field(
        None,
        ge=1,
        le=LAST_POSITION,
        description="The position of the last one, which may be the first; absent or null: all since.",
        examples=[4720],
    )
