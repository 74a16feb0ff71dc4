"""How much of a topic's records had to be set aside lately."""

from makersync.effects.dead_letter_rate import DeadLetterRate, Tolerance


def test_what_was_read_before_the_window_is_forgotten_although_nothing_was_set_aside() -> None:
    """Guards: a partition that reads for weeks without a fault. It kept a line of every batch for ever."""
    intake = DeadLetterRate(Tolerance(window_s=600.0))
    for second in range(5000):
        intake.note(10, 0, float(second))
    assert len(intake._batches) == 600
