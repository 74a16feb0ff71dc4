"""What is demanded of a rehearsal once everything has come to rest."""

import asyncio

from tests.faults import audit, reference
from tests.faults.deployment import Deployment
from tests.faults.follower import without_ranks
from tests.faults.provider_view import provider_differences
from tests.faults.rehearsal import Rehearsal

#: Two censuses of the log, and how often to look whether one has mended it, seconds.
CENSUSES_S, LOOK_EVERY_S = 130, 5


def say(text: str) -> None:
    print(text, flush=True)


async def rehearse(rehearsal: Rehearsal, whole: bool) -> None:
    """Run it, and compare what employers see with the rules, pair by pair. `whole`: as for `demand_exact_log`."""
    say(f"seed {rehearsal.plan.seed}")
    await rehearsal.run()
    operator = rehearsal.operators["learners"]
    document = await reference.market_document(rehearsal.day, rehearsal.employers, rehearsal.providers, operator)
    expected, seen = reference.evaluated(document), await reference.shown(rehearsal.employers)
    say(f"{len(document['openings'])} openings, {len(document['learners'])} learners, {len(expected)} matches by the rules")
    assert expected, "a market without matches proves nothing"
    for _ in range(0 if whole else CENSUSES_S // LOOK_EVERY_S):
        if not reference.differences(seen, expected):
            break
        await asyncio.sleep(LOOK_EVERY_S)
        seen = await reference.shown(rehearsal.employers)
    assert reference.differences(seen, expected) == []
    await demand_feeds(rehearsal, seen)
    demand_deliveries(rehearsal)


def demand_deliveries(rehearsal: Rehearsal) -> None:
    """Every entry came to the webhooks that have all of them, under one id however often, and those of a subject in order."""
    if rehearsal.receivers:
        messages = sum(each.messages for each in rehearsal.receivers)
        say(f"{messages} messages came to {len(rehearsal.receivers)} webhooks")
        assert messages > 0, "webhooks without messages prove nothing"
    faults = [fault for each in rehearsal.receivers for fault in each.faults()]
    assert faults == [], faults[:20]


async def demand_feeds(rehearsal: Rehearsal, seen: reference.Matches) -> None:
    """What followed the feeds through all of it knows what the shortlists and the providers' routes say, and was given every
    position once."""
    followers = rehearsal.followers
    for follower in followers:
        await follower.catch_up()
    followed: reference.Matches = {
        pair: match for each in rehearsal.employer_followers for pair, match in each.matches().items()
    }
    entries, beginnings = sum(each.entries for each in followers), sum(each.beginnings for each in followers)
    say(f"{entries} entries of {len(followers)} feeds; the snapshot was read {beginnings} times")
    faults = [fault for follower in followers for fault in follower.faults]
    assert faults == [], faults
    for some in (rehearsal.employer_followers, rehearsal.provider_followers):
        assert sum(each.entries for each in some) > 0, "feeds without entries prove nothing"
    assert reference.differences(followed, without_ranks(seen)) == []
    for follower in rehearsal.provider_followers:
        assert await provider_differences(follower.reader, follower.state) == []


async def demand_exact_log(deployment: Deployment, whole: bool) -> None:
    """`whole`: the log has been the same one from the start, so that every version of every key must be in it.

    One that was replaced may lose what was published while services still disagreed which it was; the next census mends that,
    and what employers see follows.
    """
    say(f"what the defences did: {audit.defences(deployment)}")
    log, newest = await audit.read_at_rest(deployment)
    for _ in range(0 if whole else CENSUSES_S // LOOK_EVERY_S):
        if not audit.stale_ends(log, newest):
            break
        await asyncio.sleep(LOOK_EVERY_S)
        log, newest = await audit.read_at_rest(deployment)
    say(f"{log.records} records of {len(log.events)} keys")
    assert audit.stale_ends(log, newest) == []
    assert audit.doubled(log) == []
    assert await audit.unread_matches(deployment, newest) == []
    if whole:
        assert audit.disordered(log) == []
        assert audit.gaps(log) == []
        assert audit.impossible_lives(log) == []
