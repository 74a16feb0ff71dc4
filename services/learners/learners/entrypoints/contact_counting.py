"""Counts readings of contacts, which come by the API and by a page."""

from starlette.requests import Request

from learners.application.contacting import CountReading
from makersync.http.wiring import wiring_of


def counting_readings(request: Request) -> CountReading:
    metrics = wiring_of(request).metrics

    def count(outcome: str) -> None:
        metrics.contact_readings.labels(outcome).inc()

    return count
