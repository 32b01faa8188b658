"""The guard of addresses: nothing inside a network is reached from outside, by any spelling."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DocumentError
from rag.sources.addresses import permitted, resolve
from rag.sources.rules import FetchRules

PUBLIC = FetchRules()
INTRANET = FetchRules(allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),  # noqa: S104
        *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::1"),
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo around 127.0.0.1
        "fe80::1%eth0",
    ],
)
def test_no_address_but_a_public_one_is_permitted(address: str) -> None:
    assert not permitted(address, PUBLIC)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_public_addresses_are_permitted(address: str) -> None:
    assert permitted(address, PUBLIC)


def test_an_intranet_can_be_opened_but_never_link_local_addresses() -> None:
    opened = ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:192.168.0.1"]
    closed = ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1", "240.0.0.1"]  # noqa: S104
    assert all(permitted(address, INTRANET) for address in opened)
    assert not any(permitted(address, INTRANET) for address in closed)


def test_one_address_can_be_opened_alone() -> None:
    rules = FetchRules(allowed_addresses=frozenset({"127.0.0.1"}))
    assert permitted("127.0.0.1", rules)
    assert permitted("::ffff:127.0.0.1", rules)
    assert not permitted("127.0.0.2", rules)
    assert not permitted("::1", rules)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_opens_it(address: ipaddress.IPv4Address) -> None:
    expected = permitted(str(address), PUBLIC)
    number = int(address)
    for wrapped in ((0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80)):
        assert permitted(str(ipaddress.IPv6Address(wrapped)), PUBLIC) == expected


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0", "::1"],
)
def test_hosts_that_resolve_to_loopback_are_refused(host: str) -> None:
    with pytest.raises(DocumentError, match=r"not a public address|no such host"):
        resolve(host, 80, PUBLIC)


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f000001", "127.1"])
def test_the_spellings_do_resolve_where_loopback_is_opened(host: str) -> None:
    assert set(resolve(host, 80, INTRANET)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70 + ".com", "..", "x\x00y"])
def test_a_host_that_is_none_is_said(host: str) -> None:
    with pytest.raises(DocumentError, match="no such host"):
        resolve(host, 80, PUBLIC)
