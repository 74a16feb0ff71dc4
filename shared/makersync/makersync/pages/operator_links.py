"""The pages that operators find in every service, and where they find the other services."""

from collections.abc import Sequence
from dataclasses import dataclass

from makersync.settings import Settings

OPERATIONS = "/operations"
DEAD_LETTERS = "/dead-letters"


@dataclass(frozen=True, slots=True)
class ServiceLink:
    """`address` is that of the operators' first page there."""

    name: str
    address: str
    is_this: bool


def service_links(settings: Settings, this: str) -> Sequence[ServiceLink]:
    """The three services, without those whose address is not set."""
    known = {
        "openings": settings.openings_address,
        "learners": settings.learners_address,
        "matching": settings.matching_address,
    }
    return [
        ServiceLink(name, OPERATIONS if name == this else f"{address.rstrip('/')}{OPERATIONS}", name == this)
        for name, address in known.items()
        if address or name == this
    ]
