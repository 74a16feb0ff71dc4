"""What the bench says of few visits."""

from tests.performance.pages import percentiles


def test_few_visits_are_never_said_to_be_slower_than_the_slowest() -> None:
    """Guards: of three visits, one of which took 60 ms, the bench would say that they take 100."""
    half, most = percentiles([8.0, 60.0, 9.0])
    assert (half, round(most)) == (9.0, 55)
