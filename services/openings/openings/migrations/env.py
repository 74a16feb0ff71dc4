"""Alembic's entry: the kit does the work."""

from makersync.delivery.tables import DeliveryModel
from makersync.feed.tables import FeedModel
from makersync.mail.tables import MailModel
from makersync.members.tables import MembersModel
from makersync.store.migrations import run
from makersync.store.tables import KitModel
from openings.adapters.tables import OpeningsModel

run(
    [
        KitModel.metadata,
        FeedModel.metadata,
        DeliveryModel.metadata,
        MailModel.metadata,
        MembersModel.metadata,
        OpeningsModel.metadata,
    ]
)
