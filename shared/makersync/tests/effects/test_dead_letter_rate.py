"""The share of a topic's recent records that became dead letters."""

from makersync.effects.dead_letter_rate import DeadLetterRate, Tolerance


def test_batches_before_the_window_are_forgotten_although_no_record_was_set_aside() -> None:
    """Guards: a partition that reads for weeks without a fault. It kept an entry for every batch forever."""
    intake = DeadLetterRate(Tolerance(window_s=600.0))
    for second in range(5000):
        intake.note(10, 0, float(second))
    assert len(intake._batches) == 600
