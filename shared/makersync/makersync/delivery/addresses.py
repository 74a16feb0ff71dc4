"""Which addresses messages may be sent to.

Sources: IANA's registries of special-purpose addresses for IPv4 and IPv6, and the clouds' documentation of their metadata.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address


def _networks(*listed: str) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in listed)


#: IPv4 outside the public internet. The last is where Azure's machines reach their host.
_CLOSED_4 = _networks(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "168.63.129.16/32",
)
#: Of IPv6 only this is public, without the following: protocol assignments with Teredo, documentation, and 6to4, which leads to
#: any IPv4 address.
_GLOBAL_6 = IPv6Network("2000::/3")
_CLOSED_6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
#: Forms that hold an IPv4 address in their last 32 bits: mapped, and NAT64 for all (RFC 6052).
_HOLDING_4 = _networks("::ffff:0:0/96", "64:ff9b::/96")


class AddressRefused(Exception):
    """A name leads to an address that nothing may be sent to."""


def demand_permitted(addresses: Sequence[str], networks: Iterable[Network], opened_only: bool) -> None:
    """Every one of the addresses must be public or in one of the opened networks; with `opened_only` in one of these. Raises
    AddressRefused."""
    opened = tuple(networks)
    for each in addresses:
        if not is_permitted(each, opened, opened_only):
            raise AddressRefused("The address is not public, and no operator has opened its network.")


def is_permitted(address: str, opened: Sequence[Network], opened_only: bool = False) -> bool:
    try:
        meant = _meant(ip_address(address))
    except ValueError:
        return False
    return _is_in(meant, opened) or (not opened_only and _is_public(meant))


def _meant(address: IpAddress) -> IpAddress:
    """The IPv4 address that packets would be sent to in the end, or the address itself."""
    if isinstance(address, IPv6Address) and _is_in(address, _HOLDING_4):
        return IPv4Address(address.packed[-4:])
    return address


def _is_public(address: IpAddress) -> bool:
    if isinstance(address, IPv4Address):
        return not _is_in(address, _CLOSED_4)
    return address in _GLOBAL_6 and not _is_in(address, _CLOSED_6)


def _is_in(address: IpAddress, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
