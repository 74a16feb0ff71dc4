"""Lag in seconds and throughput, from positions that were seen before."""

from makersync.broker.port import TopicPartition
from makersync.runtime.samples import KEPT_S, Sample, Samples

AT = TopicPartition("letters", 0)


def sample(at: float, end: int, taken: int) -> Sample:
    return Sample(at, {AT: end}, {("reader", AT): taken}, written=10 * int(at))


def samples(*seen: tuple[float, int, int]) -> Samples:
    kept = Samples()
    for at, end, taken in seen:
        kept.add(sample(at, end, taken))
    return kept


def test_a_consumer_that_has_taken_all_is_not_behind() -> None:
    assert samples((0, 5, 1), (10, 5, 5)).seconds_behind("reader") == 0


def test_a_consumer_is_behind_since_the_record_that_it_takes_next_was_there() -> None:
    """Guards: the time since anything waits would grow for a consumer that keeps up with a steady stream."""
    assert samples((0, 1, 1), (10, 5, 3), (20, 9, 3), (30, 9, 6)).seconds_behind("reader") == 10


def test_a_consumer_is_not_behind_by_what_another_has_not_taken() -> None:
    assert samples((0, 5, 1), (10, 5, 1)).seconds_behind("other") == 0


def test_throughput_is_known_from_the_second_sample_on() -> None:
    assert samples((0, 5, 0)).taken_per_second("reader") is None
    both = samples((0, 5, 0), (10, 50, 40))
    assert (both.taken_per_second("reader"), both.written_per_second()) == (4.0, 10.0)


def test_old_samples_are_forgotten_and_hasty_ones_replaced() -> None:
    kept = samples((0, 1, 1), (0.5, 2, 1), (KEPT_S + 1, 3, 1)).kept
    assert [each.at for each in kept] == [KEPT_S + 1]
