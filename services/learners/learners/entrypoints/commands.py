"""`makersync learners ...`: the commands that every service has."""

from makersync.cli.service_commands import service_commands

app = service_commands("learners")
