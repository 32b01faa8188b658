"""Refuse addresses that a page must not make us connect to.

A host is resolved once, every address of it is judged, and the connection goes to a judged
address: a name that resolves differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from rag.errors import DocumentError
from rag.sources.rules import FetchRules

_NAT64 = IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int, rules: FetchRules) -> list[str]:
    """Return the addresses of a host, in the resolver's order.

    Raises DocumentError when there is none, or when one of them is refused: a host with one
    forbidden address is not to be trusted with the others.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DocumentError(f"{host}: no such host") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not permitted(address, rules):
            raise DocumentError(f"{host}: refused, {address} is not a public address")
    return addresses


def permitted(address: str, rules: FetchRules) -> bool:
    """Tell whether the rules let us connect to an address such as `192.0.2.1` or `::1`."""
    plain = _unwrapped(ip_address(address))
    if str(plain) in rules.allowed_addresses:
        return True
    if plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return False
    if plain.is_loopback or (plain.is_private and not plain.is_reserved):
        return rules.allow_private
    site_local = isinstance(plain, IPv6Address) and plain.is_site_local
    return plain.is_global and not plain.is_reserved and not site_local


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address inside an IPv6 one that only carries it (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
