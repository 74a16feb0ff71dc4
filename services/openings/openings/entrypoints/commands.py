"""`makersync openings ...`: the commands that every service has, and `set-day`."""

from makersync.cli.service_commands import service_commands
from openings.entrypoints.day_command import add_set_day

app = service_commands("openings")
add_set_day(app)
