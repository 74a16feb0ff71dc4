"""The tables of members, in the database of each service whose pages they use."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from makersync.store.tables import utc_column


class MembersModel(SQLModel, registry=registry()):
    """Base of the tables of members. Migrations are compared with `MembersModel.metadata`."""


class MemberRow(MembersModel, table=True):
    """A person who signs in for an organisation. The address is the person's name here, so it belongs to one member.

    Of the password only a salted Argon2 hash is kept. Whoever may no longer sign in has no row. Since `verified_at` it is known
    that mail to the address reaches the member; None: nobody has shown that.
    """

    __tablename__ = "member"
    __table_args__ = (Index("member_address", "address_key", unique=True),)

    member_id: str = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    address: str
    address_key: str
    name: str
    role: str
    password_hash: str
    created_at: datetime = Field(sa_column=utc_column())
    verified_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class MemberInvitationRow(MembersModel, table=True):
    """A link that makes one person a member. The link's token is known by its keyed hash alone; it is deleted when used, and
    when the member who made it looks after members no longer. `invited_by` is None where no member did. `letter_id` is that of
    the message which brings the link to the address; None: whoever invited was shown the link."""

    __tablename__ = "member_invitation"
    __table_args__ = (
        Index("member_invitation_address", "organisation_id", "address_key", unique=True),
        Index("member_invitation_until", "until"),
        Index("member_invitation_inviter", "invited_by"),
    )

    digest: str = Field(primary_key=True)
    organisation_id: str
    address: str
    address_key: str
    role: str
    until: datetime = Field(sa_column=utc_column())
    invited_by: str | None = None
    letter_id: str | None = None


class MemberSessionRow(MembersModel, table=True):
    """One browser in which a member is signed in, by the keyed hash of the token in its cookie."""

    __tablename__ = "member_session"
    __table_args__ = (Index("member_session_seen", "seen_at"),)

    digest: str = Field(primary_key=True)
    member_id: str = Field(index=True)
    agent: str
    began_at: datetime = Field(sa_column=utc_column())
    seen_at: datetime = Field(sa_column=utc_column())


class SignInMissesRow(MembersModel, table=True):
    """Attempts to sign in that failed since `since`: for an address of a member, or from an address of the network. `whom` is a
    keyed hash."""

    __tablename__ = "sign_in_misses"
    __table_args__ = (Index("sign_in_misses_since", "since"),)

    whom: str = Field(primary_key=True)
    since: datetime = Field(sa_column=utc_column())
    misses: int


class SecondStepRow(MembersModel, table=True):
    """A member's authenticator app. Its secret is sealed for the member. Codes count after `used`, the last one that was taken
    (RFC 6238: the number of the half minute); until `confirmed_at` there is a code of it, signing in does not ask for one. It
    is confirmed in the session `begun_in`, soon after `begun_at`. `misses` are the codes since
    `misses_since` that were wrong."""

    __tablename__ = "member_second_step"

    member_id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    used: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    begun_in: str | None = None
    begun_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    misses: int = 0
    misses_since: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class RecoveryCodeRow(MembersModel, table=True):
    """A code that stands for one of the authenticator's, by its keyed hash; it is deleted when used."""

    __tablename__ = "member_recovery_code"

    digest: str = Field(primary_key=True)
    member_id: str = Field(index=True)


class PendingSignInRow(MembersModel, table=True):
    """A browser that gave a member's password and has not given a code yet, by the keyed hash of the token in its cookie."""

    #: Released with this name, as the purpose of its hash and the name of the cookie are.
    __tablename__ = "member_half_sign_in"
    __table_args__ = (Index("member_half_sign_in_until", "until"),)

    digest: str = Field(primary_key=True)
    member_id: str = Field(index=True)
    until: datetime = Field(sa_column=utc_column())


class RecoveryRow(MembersModel, table=True):
    """A link that sets a member's password, by the keyed hash of its token; it is deleted when used."""

    __tablename__ = "member_recovery"
    __table_args__ = (Index("member_recovery_until", "until"),)

    digest: str = Field(primary_key=True)
    member_id: str = Field(index=True)
    until: datetime = Field(sa_column=utc_column())


class RecoveryRequestRow(MembersModel, table=True):
    """Somebody asked for a link to a new password for this address, whether it is a member's or not. Whoever sends the message
    has it until `next_at`. One that was sent is kept for a while, so that nobody is flooded."""

    #: Released with this name.
    __tablename__ = "member_letter"
    __table_args__ = (Index("member_letter_next", "next_at"),)

    address_key: str = Field(primary_key=True)
    made_at: datetime = Field(sa_column=utc_column())
    next_at: datetime = Field(sa_column=utc_column())
    is_sent: bool = False


class AddressClaimRow(MembersModel, table=True):
    """An address that a member wants to sign in with, its own or another, until a link in a mail to it is confirmed. The link's
    token is known by its keyed hash; the row is deleted when used, and when the member wants another."""

    __tablename__ = "member_address_claim"
    __table_args__ = (
        Index("member_address_claim_member", "member_id", unique=True),
        Index("member_address_claim_until", "until"),
    )

    digest: str = Field(primary_key=True)
    member_id: str
    address: str
    until: datetime = Field(sa_column=utc_column())


class MemberMailRow(MembersModel, table=True):
    """A message about membership: an invitation, a link that verifies an address, or a notice. The token of its link follows
    from `letter_id` and the pepper: a message that is sent twice has one link, and no link stands here.

    `organisation_id` and `member_id` are on whose behalf it is written. Whoever sends it has it until `next_at`, which is None
    once it has ended; `outcome` is what the last attempt came to. It is of no use from `until` on, and forgotten then.
    """

    __tablename__ = "member_mail"
    __table_args__ = (
        Index("member_mail_next", "next_at"),
        Index("member_mail_until", "until"),
        Index("member_mail_organisation", "organisation_id", "made_at"),
    )

    letter_id: str = Field(primary_key=True)
    kind: str
    organisation_id: str
    member_id: str | None = None
    address: str
    address_key: str
    made_at: datetime = Field(sa_column=utc_column())
    next_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    until: datetime = Field(sa_column=utc_column())
    outcome: str = ""
