"""Which addresses messages may be sent to: the public ones, in whatever form, and what an operator has opened."""

from ipaddress import ip_network

import pytest

from makersync.delivery.addresses import AddressRefused, demand_permitted, is_permitted
from makersync.delivery.targets import UrlRefused, checked_url

PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]
CLOSED = {
    "this network": "0.0.0.0",
    "private, 10": "10.1.2.3",
    "private, 172": "172.16.0.1",
    "private, 192": "192.168.1.1",
    "shared": "100.64.0.1",
    "loopback": "127.0.0.1",
    "loopback, other": "127.255.255.254",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "metadata, containers": "169.254.170.2",
    "metadata, Alibaba": "100.100.100.200",
    "metadata, Azure": "168.63.129.16",
    "metadata, Oracle": "192.0.0.192",
    "protocols": "192.0.0.8",
    "documentation": "203.0.113.5",
    "benchmarks": "198.18.0.1",
    "relay to IPv6": "192.88.99.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified 6": "::",
    "loopback 6": "::1",
    "link-local 6": "fe80::1",
    "link-local 6 with a zone": "fe80::1%eth0",
    "unique local": "fc00::1",
    "metadata, AWS 6": "fd00:ec2::254",
    "site-local": "fec0::1",
    "multicast 6": "ff02::1",
    "discard": "100::1",
    "documentation 6": "2001:db8::1",
    "documentation 6, new": "3fff::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped metadata": "::ffff:a9fe:a9fe",
    "compatible loopback": "::127.0.0.1",
    "NAT64 loopback": "64:ff9b::127.0.0.1",
    "NAT64 metadata": "64:ff9b::a9fe:a9fe",
    "NAT64 private": "64:ff9b::10.0.0.1",
    "local NAT64": "64:ff9b:1::8.8.8.8",
    "6to4 of a private address": "2002:0a00:0001::1",
    "6to4 of a public address": "2002:0808:0808::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "translated": "::ffff:0:127.0.0.1",
    "not an address": "localhost",
    "no address": "",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_permitted(address: str) -> None:
    assert is_permitted(address, ())


@pytest.mark.parametrize("address", CLOSED.values(), ids=CLOSED.keys())
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_permitted(address, ())


def test_one_address_that_is_not_public_is_enough_to_refuse_a_name() -> None:
    demand_permitted(["8.8.8.8", "2606:2800:220:1::1"], (), opened_only=False)
    with pytest.raises(AddressRefused):
        demand_permitted(["8.8.8.8", "10.0.0.1"], (), opened_only=False)


def test_an_operator_opens_networks_and_nothing_else() -> None:
    opened = (ip_network("10.8.0.0/16"), ip_network("::1/128"))
    assert all(is_permitted(each, opened) for each in ("10.8.3.4", "::ffff:10.8.3.4", "64:ff9b::10.8.3.4", "::1", "8.8.8.8"))
    assert not any(is_permitted(each, opened) for each in ("10.9.0.1", "127.0.0.1", "fd00::1"))
    assert not is_permitted("8.8.8.8", opened, opened_only=True)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://example.org/", "webhook_scheme"),
        ("ftp://example.org/", "webhook_scheme"),
        ("example.org/hooks", "webhook_scheme"),
        ("https:///hooks", "webhook_url"),
        ("https://user:secret@example.org/", "webhook_url"),
        ("https://example.org/#part", "webhook_url"),
        ("https://[::1/", "webhook_url"),
        ("https://example.org:99999/", "webhook_url"),
        ("https://169.254.169.254/latest", "webhook_address"),
        ("https://[::ffff:127.0.0.1]/", "webhook_address"),
        ("https://[fd00:ec2::254]/", "webhook_address"),
    ],
)
def test_a_url_is_https_and_names_no_closed_address(url: str, rule: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        checked_url(url, ())
    assert refused.value.rule == rule


def test_http_is_for_opened_networks_alone() -> None:
    opened = (ip_network("127.0.0.0/8"),)
    assert checked_url("http://127.0.0.1:9000/hooks", opened) == "http://127.0.0.1:9000/hooks"
    assert checked_url("HTTPS://Example.ORG/Hooks?a=b", ()) == "https://example.org/Hooks?a=b"
    with pytest.raises(UrlRefused):
        checked_url("http://8.8.8.8/", opened)
