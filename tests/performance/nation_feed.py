"""Publishes a part of a nation: `python -m tests.performance.nation_feed ADDRESS LEARNERS OPENINGS PART PARTS`.

Several run beside each other, each with every PARTS-th learner and opening. Nothing is kept: each record is made, sent and
forgotten. The last line of the output is what was sent, as JSON; the lines before tell how far it is.
"""

import json
import sys
import time
from collections.abc import Iterator

import uvloop

from demo.market.generated_market import GeneratedMarket
from makersync.broker.port import Outgoing
from tests.performance.bulk import Records, publish
from tests.performance.nation_plan import learner, nation

TELL_S = 1.0


class Part:
    """Counts what goes through."""

    def __init__(self, market: GeneratedMarket, part: int, parts: int) -> None:
        self._market = market
        self._records = Records(market)
        self._part, self._parts = part, parts
        self._told = time.monotonic()
        self.awards = self.sent = 0

    def records(self) -> Iterator[Outgoing]:
        """Openings between the learners, as they would have come."""
        plan = self._market.plan
        for place in range(self._part, max(plan.learners, plan.openings), self._parts):
            if place < plan.openings:
                yield self._counted(self._records.opening(self._market.demand.another_opening(place, plan.day)))
            if place < plan.learners:
                draft = learner(self._market, place)
                self.awards += len(draft.awards)
                yield from map(self._counted, self._records.registration(draft))

    def _counted(self, record: Outgoing) -> Outgoing:
        self.sent += 1
        if time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            print(self.sent, flush=True)
        return record


def main() -> None:
    address, *numbers = sys.argv[1:]
    learners, openings, part, parts = map(int, numbers)
    whole = Part(nation(learners, openings), part, parts)
    counts = uvloop.run(publish(address, whole.records()))
    sent = [[topic, partition, count] for (topic, partition), count in counts.items()]
    print(json.dumps({"awards": whole.awards, "sent": sent}), flush=True)


if __name__ == "__main__":
    main()
