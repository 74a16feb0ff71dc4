"""The link by which a learner answers an introduction: it works once, and until its end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from learners.domain.errors import NoLongerOpen

#: At the longest; a link ends earlier with the last day on which an answer counts.
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LearnerLink:
    """`digest` is the keyed hash of its token, which is kept nowhere."""

    introduction_id: str
    digest: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def demand_usable(link: LearnerLink, now: datetime) -> None:
    """Raises NoLongerOpen."""
    if link.used_at is not None:
        raise NoLongerOpen("link_used", "the introduction has been answered by this link")
    if link.expires_at <= now:
        raise NoLongerOpen("link_expired", "the link has expired; the provider can send a new one")


def use(link: LearnerLink, now: datetime) -> LearnerLink:
    """Raises NoLongerOpen."""
    demand_usable(link, now)
    return replace(link, used_at=now)
