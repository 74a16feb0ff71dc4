"""`makersync openings ...`: the commands that every service has, and the way back from a date that had not come."""

from makersync.runtime.service import Context, ServiceDefinition
from makersync.runtime.service_commands import service_commands
from openings.adapters.desks import OpeningsUnitsOfWork
from openings.entrypoints.day_command import add_set_day


def _definition() -> ServiceDefinition:
    from openings.bootstrap import definition

    return definition()


def _desks_of(context: Context) -> OpeningsUnitsOfWork:
    from openings.bootstrap import desks_of

    return desks_of(context)


app = service_commands("openings", _definition)
add_set_day(app, _definition, _desks_of)
