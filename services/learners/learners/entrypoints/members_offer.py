"""What a training provider's members may do, by their roles."""

from collections.abc import Mapping

from learners.adapters.mail_titles import provider_name
from learners.entrypoints.routing import READ, WRITE
from makersync.http.key_rotation import MANAGE_KEYS
from makersync.members.offer import ADMIN, READER, MembersOffer

INSTRUCTOR = "instructor"
ROLES: Mapping[str, frozenset[str]] = {
    ADMIN: frozenset({READ, WRITE, MANAGE_KEYS}),
    INSTRUCTOR: frozenset({READ, WRITE}),
    READER: frozenset({READ}),
}
MEMBERS = MembersOffer(ROLES, provider_name, sends_mail=True)
