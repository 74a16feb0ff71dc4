"""An employer is given the right to read a learner's contact in the learners service."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from contracts.contact_token import token_digest
from openings.application.changing import save_introduction
from openings.application.unit_of_work import OpeningsUnitOfWork
from openings.domain import introduction_life as life
from openings.domain.introduction import ContactCapability

#: Random bytes of a token: nobody guesses 256 bits.
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class GrantedAccess:
    """Where the contact is read and the token for it, of which this service keeps nothing but a digest. `page` has the token in
    it, for a browser."""

    address: str
    page: str
    token: str
    expires_at: datetime


async def grant_contact_access(uow: OpeningsUnitOfWork, introduction_id: str) -> GrantedAccess:
    """A new token in place of the one before. Raises NotNow unless the introduction is accepted, and NoSuchThing."""
    introduction = await uow.introductions.claim(introduction_id)
    now, token = uow.clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + uow.introduction_limits.access
    access = ContactCapability(token_digest(introduction_id, token), expires_at)
    await save_introduction(uow, life.grant_access(introduction, access, now))
    learners = uow.introduction_limits.learners_address
    page = f"{learners}/contacts/{introduction_id}/{token}"
    return GrantedAccess(f"{learners}/v1/contacts/{introduction_id}", page, token, expires_at)
