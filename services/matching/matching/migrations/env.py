"""Alembic's entry: the scripts in `versions` bring the database to what these tables say."""

from makersync.store.migrations import run
from makersync.store.tables import KitModel

from matching.adapters.tables import MatchingModel

run([KitModel.metadata, MatchingModel.metadata])
