"""The paces of consumers and of the publisher, from the settings."""

from makersync.effects.pace import Pace
from makersync.effects.publisher import PublisherPace
from makersync.settings import Settings


def consumer_pace(settings: Settings) -> Pace:
    return Pace(
        batch_records=settings.batch_records,
        catch_up_records=settings.catch_up_records,
        fetch_wait_s=settings.fetch_wait,
        fenced_wait_s=settings.session_timeout,
        rejoin_s=1.5 * settings.hold_within,
        dead_letter_limit=settings.dead_letter_limit,
        dead_letter_share=settings.dead_letter_share,
        dead_letter_window_s=settings.dead_letter_window,
    )


def publisher_pace(settings: Settings) -> PublisherPace:
    return PublisherPace(
        batch=settings.relay_batch,
        poll_s=settings.relay_poll,
        deadline_s=settings.relay_deadline,
        lease_ttl_s=settings.lease_ttl,
    )
