"""What waits for somebody who may not run, as a process last measured it: to find it takes more than a page should."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from makersync.runtime.drafts import RegionDrafts


@dataclass(frozen=True, slots=True)
class LongestWaits:
    """`webhooks_since` and `mail_since` are when a sender should first have taken what none has taken; None where nothing
    waits. `letters` are those to members that have waited for too long, the longest since `oldest_letter`. `drafts` are all
    that wait for their counts."""

    webhooks_since: datetime | None = None
    mail_since: datetime | None = None
    letters: int = 0
    oldest_letter: datetime | None = None
    drafts: Sequence[RegionDrafts] = ()
