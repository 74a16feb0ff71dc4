"""`makersync openings ...`: the commands that every service has, and `set-day`."""

from makersync.cli.service_commands import service_commands
from makersync.runtime.service import Context, ServiceDefinition
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.entrypoints.day_command import add_set_day


def _definition() -> ServiceDefinition:
    from openings.bootstrap import definition

    return definition()


def _units_of_work_of(context: Context) -> OpeningsUnitsOfWork:
    from openings.bootstrap import units_of_work_of

    return units_of_work_of(context)


app = service_commands("openings", _definition)
add_set_day(app, _definition, _units_of_work_of)
