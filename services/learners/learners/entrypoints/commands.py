"""`makersync learners ...`: the commands that every service has."""

from makersync.runtime.service import ServiceDefinition
from makersync.runtime.service_commands import service_commands


def _definition() -> ServiceDefinition:
    from learners.bootstrap import definition

    return definition()


app = service_commands("learners", _definition)
