"""`makersync openings ...`: the commands that every service has."""

from importlib import import_module

from makersync.runtime.service import ServiceDefinition
from makersync.runtime.service_commands import service_commands


def _definition() -> ServiceDefinition:
    """The composition root is named, not imported: it imports the entry points, and only a command needs it."""
    definition: ServiceDefinition = import_module("openings.bootstrap").definition()
    return definition


app = service_commands("openings", _definition)
