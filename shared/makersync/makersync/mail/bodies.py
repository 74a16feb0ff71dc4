"""What organisations send about their recipients of mail."""

from typing import Annotated

from pydantic import Field

from makersync.http.bodies import LEFT_OUT, RequestModel
from makersync.mail.addresses import LONGEST_ADDRESS
from makersync.mail.states import Cadence, Weekday

MailAddress = Annotated[
    str,
    Field(
        min_length=3,
        max_length=LONGEST_ADDRESS,
        description="The address, in ASCII. It is stored in this service alone, and deleted with the recipient.",
        examples=["hiring@example.org"],
    ),
]
Cadences = Annotated[
    dict[str, Cadence],
    Field(
        max_length=50,
        description="Which types of entries of the feed are told, and how; types that are absent are not.",
        examples=[{"match.proposed": "daily", "opening.ending": "immediate", "webhook.paused": "immediate"}],
    ),
]
Hour = Annotated[
    int,
    Field(
        ge=0,
        le=23,
        description="The hour at which digests are sent, in the time zone of the deployment (`MAKERSYNC_TIME_ZONE`).",
        examples=[7],
    ),
]
DigestDay = Annotated[Weekday, Field(description="The day on which weekly digests are sent.", examples=["monday"])]
Description = Annotated[str, Field(max_length=200, description="What people call the recipient.", examples=["Hiring desk"])]


class RecipientBody(RequestModel):
    """A new recipient of mail."""

    address: MailAddress
    types: Cadences
    hour: Hour = 7
    weekday: DigestDay = Weekday.MONDAY
    description: Description = ""


class RecipientChange(RequestModel):
    """What is to be changed about a recipient. What is absent stays. Another address is another recipient."""

    types: Cadences = LEFT_OUT
    hour: Hour = LEFT_OUT
    weekday: DigestDay = LEFT_OUT
    description: Description = LEFT_OUT
