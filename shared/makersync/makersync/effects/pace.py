"""How fast a consumer reads: batch sizes and waiting times."""

from dataclasses import dataclass

from makersync.effects.dead_letter_rate import Tolerance


@dataclass(frozen=True, slots=True)
class Pace:
    """Batch sizes and waiting times of a consumer. Durations are in seconds."""

    batch_records: int = 500
    #: Batches double up to this size while more records wait than fit one: of many changes only the net difference is written.
    catch_up_records: int = 0
    fetch_wait_s: float = 0.1
    #: After this many rounds without records, fetches wait longer by this factor. An arriving record ends the wait.
    quiet_rounds: int = 50
    quiet_factor: int = 20
    retry_s: float = 0.5
    #: Wait after being fenced without a rebalance before a partition is taken again, so that two owners do not take turns
    #: raising the epoch.
    fenced_wait_s: float = 6.0
    #: Wait before a member rejoins a group that does not assign its partitions while records wait; randomly up to twice as
    #: long.
    rejoin_s: float = 45.0
    dead_letter_limit: int = 100
    dead_letter_share: float = 0.1
    dead_letter_window_s: float = 600.0
    #: How often to look for replays and resumes that an operator requested.
    replay_poll_s: float = 1.0
    #: How often to report the positions to the broker.
    note_s: float = 1.0

    @property
    def tolerance(self) -> Tolerance:
        return Tolerance(self.dead_letter_limit, self.dead_letter_share, self.dead_letter_window_s)
