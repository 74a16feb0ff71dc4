"""The tables of members who sign in at an OpenID provider, beside those of all members."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field

from makersync.members.tables import MembersModel
from makersync.store.tables import utc_column


class MemberIdentityRow(MembersModel, table=True):
    """A member's account at an OpenID provider, by what the provider never gives to another person. Mail addresses are not
    kept: they change there."""

    __tablename__ = "member_identity"
    __table_args__ = (Index("member_identity_member", "member_id", "issuer", unique=True),)

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    member_id: str
    linked_at: datetime = Field(sa_column=utc_column())


class ProviderRequestRow(MembersModel, table=True):
    """A browser that was sent to the OpenID provider and has not come back, by a keyed hash of the token in its cookie and of
    the state that comes back. What it was sent for is sealed. It is deleted when the browser comes back."""

    __tablename__ = "member_provider_request"
    __table_args__ = (Index("member_provider_request_until", "until"),)

    digest: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    until: datetime = Field(sa_column=utc_column())
