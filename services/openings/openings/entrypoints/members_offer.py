"""What an employer's members may do, by their roles."""

from collections.abc import Mapping

from makersync.http.key_rotation import MANAGE_KEYS
from makersync.members.offer import ADMIN, READER, MembersOffer
from openings.adapters.mail_titles import employer_name
from openings.entrypoints.access import READ, WRITE

RECRUITER = "recruiter"
ROLES: Mapping[str, frozenset[str]] = {
    ADMIN: frozenset({READ, WRITE, MANAGE_KEYS}),
    RECRUITER: frozenset({READ, WRITE}),
    READER: frozenset({READ}),
}
MEMBERS = MembersOffer(ROLES, employer_name, sends_mail=True)
