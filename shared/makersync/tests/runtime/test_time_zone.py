"""A whole service process on an in-memory broker: with a zone that is not the deployment's it changes nothing and says so."""

import pytest

from makersync.broker.deployment_zone import state_time_zone
from tests.servers.waiting import wait_for

from .toy_process import Service, is_ready, started, writes_are_stopped

FRONT_DOOR, WHOLE = frozenset({"http"}), frozenset({"http", "consumer", "publisher"})


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("makersync.runtime.broker_work.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("makersync.broker.deployment_zone.LOOK_EVERY_S", 0.02)


def configure(service: Service, **changes: object) -> None:
    service.process.status.settings = service.context.settings.model_copy(update=changes)


@pytest.mark.parametrize("roles", [FRONT_DOOR, WHOLE])
async def test_a_process_with_another_zone_changes_nothing_and_says_so(service: Service, roles: frozenset[str]) -> None:
    """Guards: a service that begins its days at another time than the others."""
    configure(service, roles=roles, time_zone="America/Chicago")
    async with started(service):
        await wait_for(lambda: writes_are_stopped(service))
        parts = await service.ready()
        assert (
            "MAKERSYNC_TIME_ZONE is America/Chicago, and the days of this deployment end at midnight in UTC"
            in (parts["conditions"])
        )
        assert "makersync topics set-time-zone" in parts["conditions"]
        assert parts["own_topics"].startswith("away: changes wait")


@pytest.mark.parametrize("roles", [FRONT_DOOR, WHOLE])
async def test_a_running_process_stops_its_changes_when_the_deployments_zone_changes(
    service: Service, roles: frozenset[str]
) -> None:
    """Guards: an operator who changes the zone while services run. They go on by themselves if it is set back."""
    configure(service, roles=roles)
    async with started(service):
        await wait_for(lambda: is_ready(service))
        await state_time_zone(service.broker, "America/Chicago")
        await wait_for(lambda: writes_are_stopped(service))
        assert service.process.status.loops == []
        await state_time_zone(service.broker, "UTC")
        await wait_for(lambda: is_ready(service))
        assert not await writes_are_stopped(service)
