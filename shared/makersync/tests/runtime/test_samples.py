"""Lag in seconds and throughput, from positions that were seen before."""

from makersync.broker.port import TopicPartition
from makersync.runtime.samples import KEPT_S, Lag, Sample, Samples

AT = TopicPartition("letters", 0)


def sample(at: float, end: int | None, taken: int) -> Sample:
    return Sample(at, None if end is None else {AT: end}, {("reader", AT): taken}, written=10 * int(at))


def samples(*seen: tuple[float, int | None, int]) -> Samples:
    kept = Samples()
    for at, end, taken in seen:
        kept.add(sample(at, end, taken))
    return kept


def test_a_consumer_that_has_taken_all_is_not_behind() -> None:
    assert samples((0, 5, 1), (10, 5, 5)).lag("reader") == Lag()


def test_a_consumer_is_behind_since_the_record_that_it_takes_next_was_there() -> None:
    """Guards: the time since anything waits would grow for a consumer that keeps up with a steady stream."""
    assert samples((0, 1, 1), (10, 5, 3), (20, 9, 3), (30, 9, 6)).lag("reader") == Lag(3, 10)


def test_since_when_is_unknown_of_what_was_there_from_the_first_sample_on() -> None:
    """Guards: with one sample, five million records would have waited for no time at all."""
    assert samples((0, 5_000_000, 0)).lag("reader") == Lag(5_000_000, 0, is_since_known=False)
    assert samples((0, 5, 1), (40, 5, 1)).lag("reader") == Lag(4, 40, is_since_known=False)


def test_a_consumer_is_not_behind_by_what_another_has_not_taken() -> None:
    assert samples((0, 5, 1), (10, 5, 1)).lag("other") == Lag()


def test_what_waits_gets_older_while_the_broker_is_silent() -> None:
    kept = samples((0, 1, 1), (10, 5, 1), (20, None, 1), (30, None, 1))
    assert (kept.silent_since, kept.lag("reader")) == (20, Lag(4, 20))
    kept.add(sample(40, 5, 5))
    assert (kept.silent_since, kept.lag("reader")) == (None, Lag())


def test_nothing_is_known_before_the_first_sample() -> None:
    kept = Samples()
    assert (kept.newest_at, kept.lag("reader"), kept.written_per_second()) == (None, Lag(), None)


def test_throughput_is_known_from_the_second_sample_on() -> None:
    assert samples((0, 5, 0)).taken_per_second("reader") is None
    both = samples((0, 5, 0), (10, 50, 40))
    assert (both.taken_per_second("reader"), both.written_per_second()) == (4.0, 10.0)


def test_old_samples_are_forgotten_and_hasty_ones_replaced() -> None:
    kept = samples((0, 1, 1), (0.5, 2, 1), (KEPT_S + 1, 3, 1)).kept
    assert [each.at for each in kept] == [KEPT_S + 1]
