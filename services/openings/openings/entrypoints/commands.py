"""`makersync openings ...`: the commands that every service has."""

from makersync.runtime.service import ServiceDefinition
from makersync.runtime.service_commands import service_commands


def _definition() -> ServiceDefinition:
    from openings.bootstrap import definition

    return definition()


app = service_commands("openings", _definition)
