"""Alembic's entry: the scripts in `versions` bring the database to what these tables say."""

from makersync.delivery.tables import DeliveryModel
from makersync.feed.tables import FeedModel
from makersync.mail.tables import MailModel
from makersync.store.migrations import run
from makersync.store.tables import KitModel

from learners.adapters.tables import LearnersModel

run([KitModel.metadata, FeedModel.metadata, DeliveryModel.metadata, MailModel.metadata, LearnersModel.metadata])
