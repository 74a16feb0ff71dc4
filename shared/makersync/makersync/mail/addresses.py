"""Which addresses mail may be sent to."""

import re

LONGEST_ADDRESS = 254
#: A dot-atom and a domain name with at least one dot (RFC 5321, 4.1.2), which is what people have. Quoted parts, comments,
#: address literals and everything else that could be read in two ways are refused.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})+)")
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253


class AddressUnfit(ValueError):
    """The text is no address that mail is sent to. It never repeats the text."""


def checked_address(text: str) -> str:
    """The address with its domain in lower case. Raises AddressUnfit."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST_ADDRESS else None
    if found is None or len(found["local"]) > _LONGEST_LOCAL:
        raise AddressUnfit("must be one plain address such as hiring@example.org, in ASCII")
    if len(found["domain"]) > _LONGEST_DOMAIN or found["domain"].rpartition(".")[2].isdecimal():
        raise AddressUnfit("must have a domain name behind the @")
    return f"{found['local']}@{found['domain'].lower()}"


def address_key(address: str) -> str:
    """The form in which addresses are compared: servers that tell capital letters apart are rarer than people who do not."""
    return address.lower()
