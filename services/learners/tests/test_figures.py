"""The service in numbers, for operators."""

from contracts.introduction_status import IntroductionStatus

from .conftest import Caller
from .events import Feed, signal
from .introducing import act, asked
from .samples import accepted, record, register

COMPETENCY = "competency:machining.cnc-milling@3"


async def test_activity_counts_learners_awards_introductions_and_signals(york: Caller, operator: Caller, feed: Feed) -> None:
    for seeking in (True, True, False):
        learner_id = await register(york, seeking=seeking)
    award_id = await record(york, learner_id)
    await record(york, learner_id)
    accepted(await york.change("POST", f"/v1/learners/{learner_id}/awards/{award_id}/suspension", 3))
    await feed.batch(signal("ShortageRaised", 1), partition=1)
    await feed.batch(signal("ShortageRaised", 1, COMPETENCY), signal("ShortageCleared", 2, level="balanced"), partition=2)
    await feed.batch(*(asked(learner_id, name=f"int_{number}") for number in (1, 2, 3)))
    accepted(await act(york, "decline", {"reason": "pay"}))
    activity = accepted(await operator.get("/v1/activity"))
    assert activity == {
        "learners": {"seeking": 2, "not_seeking": 1},
        "awards": {"active": 1, "in_progress": 0, "suspended": 1, "revoked": 0},
        "introductions": dict.fromkeys(IntroductionStatus, 0) | {"asked": 2, "declined": 1},
        "signals": {
            "by_level": {"insufficient_data": 0, "surplus": 0, "balanced": 1, "shortage": 0, "severe": 1},
            "totals": {"raised": 2, "eased": 0, "cleared": 1, "silenced": 0, "revised": 0},
        },
    }
    assert (await york.get("/v1/activity")).status_code == 403
