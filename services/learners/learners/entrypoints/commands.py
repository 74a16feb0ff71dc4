"""`makersync learners ...`: the commands that every service has."""

from makersync.cli.service_commands import service_commands
from makersync.runtime.service import ServiceDefinition


def _definition() -> ServiceDefinition:
    from learners.bootstrap import definition

    return definition()


app = service_commands("learners", _definition)
