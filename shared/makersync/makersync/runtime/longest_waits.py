"""What waits for somebody who may not run, as a process last measured it: to find it takes more than a page should."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from makersync.runtime.drafts import RegionDrafts


@dataclass(frozen=True, slots=True)
class LongestWaits:
    """`webhooks_since` and `mail_since` are when a sender should first have taken what none has taken; None where nothing
    waits. `member_mail` counts the messages to members that have waited for too long, the longest since
    `oldest_member_mail`. `drafts` are all that wait for their counts."""

    webhooks_since: datetime | None = None
    mail_since: datetime | None = None
    member_mail: int = 0
    oldest_member_mail: datetime | None = None
    drafts: Sequence[RegionDrafts] = ()
