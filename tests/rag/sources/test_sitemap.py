"""Sitemaps: nested, gzipped, hostile; their own host only."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rag.documents import Document, Failure
from rag.sources.rules import FetchRules
from rag.sources.sitemap import read_sitemap

LONG = "The library lends its books for three weeks, and every reader can extend a loan twice. "
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def urlset(*addresses: str, modified: str = "") -> str:
    last = f"<lastmod>{modified}</lastmod>" if modified else ""
    inner = "".join(f"<url><loc> {address} </loc>{last}</url>" for address in addresses)
    return f"<?xml version='1.0'?><urlset xmlns='{NAMESPACE}'>{inner}</urlset>"


def index(*addresses: str) -> str:
    inner = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return f"<sitemapindex xmlns='{NAMESPACE}'>{inner}</sitemapindex>"


def read(site: Any, rules: FetchRules, path: str = "/sitemap.xml") -> list[Document | Failure]:
    return list(read_sitemap(site.url + path, "town", rules=rules))


def titles(items: list[Document | Failure]) -> list[str]:
    return [item.title for item in items if isinstance(item, Document)]


def reasons(items: list[Document | Failure]) -> str:
    return "; ".join(item.reason for item in items if isinstance(item, Failure))


def test_a_tree_of_sitemaps_is_walked_once(site: Any, local: FetchRules) -> None:
    for name in ("a", "b", "c"):
        site.page(f"/{name}", LONG * 3, title=name.upper())
    site.put(
        "/sitemap.xml",
        index(f"{site.url}/1.xml", f"{site.url}/2.xml.gz", f"{site.url}/sitemap.xml"),
        "text/xml",
    )
    site.put("/1.xml", urlset(f"{site.url}/a", f"{site.url}/b", modified="2023-05-06T07:08:09Z"), "text/xml")
    packed = gzip.compress(urlset(f"{site.url}/b", f"{site.url}/c", f"{site.url}/gone").encode())
    site.put("/2.xml.gz", packed, "application/gzip")
    items = read(site, local)
    assert titles(items) == ["A", "B", "C"]
    assert reasons(items) == "the server answers with status 404"
    assert [item.published for item in items if isinstance(item, Document)] == [date(2023, 5, 6)] * 2 + [None]
    assert items[0].key == f"town:{site.url}/a"
    assert site.asked.count("/b") == site.asked.count("/sitemap.xml") == 1


def test_other_hosts_are_left_out(make_site: Callable[..., Any], local: FetchRules) -> None:
    site, other = make_site(), make_site("127.0.0.2")
    site.page("/a", LONG * 3, title="A")
    site.put("/sitemap.xml", urlset(f"{site.url}/a", f"{other.url}/b", "http://169.254.169.254/"), "text/xml")
    items = read(site, local)
    assert titles(items) == ["A"]
    assert reasons(items) == "2 addresses on other hosts are left out"
    assert other.asked == []


def test_a_plain_list_is_a_sitemap_too(site: Any, local: FetchRules) -> None:
    site.page("/a", LONG * 3, title="A")
    site.put("/list.txt", f"{site.url}/a\nnot an address\nftp://x/\n", "text/plain")
    assert titles(read(site, local, "/list.txt")) == ["A"]


def test_the_number_of_pages_is_limited(site: Any, local: FetchRules) -> None:
    for number in range(4):
        site.page(f"/{number}", LONG * 3, title=str(number))
    site.put("/sitemap.xml", urlset(*(f"{site.url}/{number}" for number in range(4))), "text/xml")
    items = read(site, replace(local, max_pages=2))
    assert titles(items) == ["0", "1"]
    assert "more than the 2 pages allowed" in reasons(items)


BOMB = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    "<urlset><url><loc>http://x/&b;</loc></url></urlset>"
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>http://x/&a;</loc></url></urlset>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "not a readable sitemap"),
        (OUTSIDE, "not a readable sitemap"),
        ("<urlset><url>", "not a readable sitemap"),
        ("", "not a readable sitemap"),
        ("<html><body>no</body></html>", "lists nothing"),
        (gzip.compress(bytes(64 << 20), 1), "unpacks to more"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-5], "broken or cut short"),
    ],
)
def test_a_hostile_or_broken_sitemap_is_a_failure(
    site: Any, local: FetchRules, body: str | bytes, reason: str
) -> None:
    site.put("/sitemap.xml", body, "application/xml")
    [item] = read(site, replace(local, max_bytes=1 << 20))
    assert isinstance(item, Failure)
    assert item.key == f"town:{site.url}/sitemap.xml"
    assert reason in item.reason
