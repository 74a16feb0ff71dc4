"""How a consumer reads: how much at once, and how long it waits for what."""

from dataclasses import dataclass

from makersync.effects.dead_letter_rate import Tolerance


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once, and how long to wait. Durations in seconds."""

    batch_records: int = 500
    #: Batches double up to this while there is more to read than fits one: of many changes only the net difference is written.
    catch_up_records: int = 0
    fetch_wait_s: float = 0.1
    #: After so many rounds without records a round waits for them longer, by this factor. They end the wait when they come.
    quiet_rounds: int = 50
    quiet_factor: int = 5
    retry_s: float = 0.5
    #: Time after being fenced until a partition is taken again without having heard of a rebalance: until then two owners
    #: could take turns at raising the epoch.
    fenced_wait_s: float = 6.0
    #: How long a member whose group does not share its partitions out waits before it joins again, while records wait; up to
    #: twice as long, by chance.
    rejoin_s: float = 45.0
    dead_letter_limit: int = 100
    dead_letter_share: float = 0.1
    dead_letter_window_s: float = 600.0
    #: How often to look for what an operator wants: dead letters read again, what stands still resumed.
    replay_poll_s: float = 1.0
    #: How often to tell the broker how far it is.
    note_s: float = 1.0

    @property
    def tolerance(self) -> Tolerance:
        return Tolerance(self.dead_letter_limit, self.dead_letter_share, self.dead_letter_window_s)
