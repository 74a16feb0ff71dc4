"""What goes on in the three services, in numbers, read from their operators' endpoints."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from demo.client.service_clients import ServiceClients
from makersync.errors import OperatorError

#: From the mildest to the worst.
SHORT_LEVELS = ("shortage", "severe")


@dataclass(frozen=True, slots=True)
class Figures:
    """Each mapping is as the service's `/v1/activity` has it; latencies in milliseconds, None when nothing was measured."""

    openings: Mapping[str, int]
    matches: Mapping[str, int]
    latency: Mapping[str, int | None]
    learners: Mapping[str, int]
    awards: Mapping[str, int]
    levels: Mapping[str, int]
    signals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShortageFigures:
    """A shortage signal. Counts as MARKET.md section 12 has them, shares in thousandths."""

    region: str
    subject: str
    level: str
    components: Mapping[str, int]
    top_credentials: tuple[str, ...]
    level_ahead: str | None = None

    @property
    def tightness(self) -> int:
        return self.components.get("tightness", 0)

    @property
    def is_answered(self) -> bool:
        """Whether those in training will end the shortage."""
        return self.level_ahead not in (None, *SHORT_LEVELS)


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """What one service has not done yet."""

    unpublished: int
    lag: int
    connected: bool

    @property
    def nothing(self) -> bool:
        return self.connected and self.unpublished == self.lag == 0


async def read_figures(clients: ServiceClients) -> Figures:
    keys = clients.operator_keys
    openings, learners = await asyncio.gather(
        clients.openings.get(keys["openings"], "/v1/activity"),
        clients.learners.get(keys["learners"], "/v1/activity"),
    )
    return Figures(
        openings=openings["openings"],
        matches=openings["matches"],
        latency=openings["event_to_match_ms"],
        learners=learners["learners"],
        awards=learners["awards"],
        levels=learners["signals"]["by_level"],
        signals=learners["signals"]["totals"],
    )


async def read_short_cells(clients: ServiceClients, most: int) -> Sequence[ShortageFigures]:
    """The cells in shortage, the tightest first; of very many only about `most` are looked at, by level."""
    cells: list[ShortageFigures] = []
    for level in reversed(SHORT_LEVELS):
        async for item in clients.learners.pages(clients.operator_keys["learners"], f"/v1/signals?level={level}"):
            cells.append(_cell(item))
            if len(cells) >= most:
                break
    return sorted(cells, key=lambda cell: (-SHORT_LEVELS.index(cell.level), -cell.tightness, cell.region, cell.subject))


async def read_cell(clients: ServiceClients, cell: ShortageFigures) -> ShortageFigures | None:
    """The cell as it is now; None when it has no signal any more."""
    path = f"/v1/signals?region={quote(cell.region)}"
    async for item in clients.learners.pages(clients.operator_keys["learners"], path):
        if item["subject"] == cell.subject:
            return _cell(item)
    return None


async def read_backlog(clients: ServiceClients, service: str) -> ServiceFigures:
    """Raises OperatorError when a partition is halted."""
    operations = await _operations(clients, service)
    if halts := _halts(service, operations):
        raise OperatorError(f"{service} has halted: {'; '.join(halts)}")
    lag = sum(consumer["lag"] or 0 for consumer in operations["consumers"])
    return ServiceFigures(operations["outbox_unpublished"], lag, connected=bool(operations["consumers"]))


async def read_halts(clients: ServiceClients) -> Sequence[str]:
    """What stands still in any service, why, and what to do; a sentence each."""
    services = tuple(clients.operator_keys)
    answers = await asyncio.gather(*(_operations(clients, service) for service in services))
    return [halt for service, each in zip(services, answers, strict=True) for halt in _halts(service, each)]


async def _operations(clients: ServiceClients, service: str) -> Mapping[str, Any]:
    client = {"openings": clients.openings, "learners": clients.learners, "matching": clients.matching}[service]
    operations: Mapping[str, Any] = await client.get(clients.operator_keys[service], "/v1/operations")
    return operations


def _halts(service: str, operations: Mapping[str, Any]) -> list[str]:
    remedy = f"See `makersync dead-letters list --service {service}`, then `makersync resume {service}`."
    return [f"{halt['name']} partition {halt['partition']}: {halt['reason']}. {remedy}" for halt in operations["halted"]]


def _cell(item: Mapping[str, Any]) -> ShortageFigures:
    components = item["components"] or {}
    credentials = tuple(item["top_credentials"])
    return ShortageFigures(item["region"], item["subject"], item["level"], components, credentials, item["level_ahead"])
