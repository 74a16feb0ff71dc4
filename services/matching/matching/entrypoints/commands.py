"""`makersync matching ...`"""

from makersync.runtime.service import ServiceDefinition
from makersync.runtime.service_commands import service_commands


def _definition() -> ServiceDefinition:
    from matching.bootstrap import definition

    return definition()


app = service_commands("matching", _definition)
