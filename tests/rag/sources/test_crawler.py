"""The crawler: links, depth, domains and pages within limits, and the same guard as everywhere."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rag.documents import Document, Failure
from rag.errors import CorpusError
from rag.sources.crawler import CrawlRules, crawl_site
from rag.sources.rules import FetchRules

LONG = "The library lends its books for three weeks, and every reader can extend a loan twice. "


@pytest.fixture
def scrapy() -> None:
    pytest.importorskip("scrapy", reason="the crawl extra is not installed")


def crawl(url: str, rules: FetchRules, **limits: Any) -> list[Document | Failure]:
    return list(crawl_site(url, "town", crawl=CrawlRules(**limits), rules=rules))


def titles(items: list[Document | Failure]) -> set[str]:
    return {item.title for item in items if isinstance(item, Document)}


@pytest.mark.usefixtures("scrapy")
def test_links_are_followed_within_the_site(make_site: Callable[..., Any], local: FetchRules) -> None:
    site, other = make_site(), make_site("127.0.0.2")
    other.page("/", LONG * 3, title="Other")
    site.page("/", LONG * 3, title="Home", links=("/a", "/a#part", f"{other.url}/", "mailto:x@y.z"))
    site.page("/a", LONG * 3, title="A", links=("/", "/b", "/missing", "/private", "/away", "/notes.md"))
    site.page("/b", LONG * 3, title="B", links=("/c",))
    site.page("/c", LONG * 3, title="C", links=("/too-deep",))
    site.page("/private", LONG * 3, title="Private")
    site.put("/notes.md", "# Notes\n\nFirst.", "text/plain")
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n", "text/plain")
    site.redirect("/away", f"{other.url}/")
    items = crawl(f"{site.url}/", local, depth=3)
    assert titles(items) == {"Home", "A", "B", "C", "Notes"}
    failures = {
        item.key.removeprefix(f"town:{site.url}"): item.reason for item in items if isinstance(item, Failure)
    }
    assert failures.keys() == {"/missing", "/private", "/away"}
    assert "404" in failures["/missing"]
    assert "robots.txt forbids" in failures["/private"]
    assert "another site" in failures["/away"]
    assert "/too-deep" not in site.asked
    assert site.asked.count("/a") == 1
    assert {item.key for item in items} >= {f"town:{site.url}/", f"town:{site.url}/a"}


@pytest.mark.usefixtures("scrapy")
def test_the_number_of_pages_is_limited(site: Any, local: FetchRules) -> None:
    for number in range(30):
        site.page(f"/{number}", LONG * 3, title=str(number), links=tuple(f"/{n}" for n in range(30)))
    items = crawl(f"{site.url}/0", local, max_pages=4)
    assert len(items) == len(titles(items)) == 4


@pytest.mark.usefixtures("scrapy")
def test_the_crawler_has_the_same_guard(site: Any, local: FetchRules) -> None:
    site.page("/", LONG * 3, title="Secret")
    [item] = crawl(f"{site.url}/", replace(local, allow_private=False))
    assert isinstance(item, Failure)
    assert "not a public address" in item.reason
    assert site.asked == []


@pytest.mark.usefixtures("scrapy")
def test_a_link_to_a_forbidden_address_is_not_followed(site: Any, local: FetchRules) -> None:
    site.page("/", LONG * 3, title="Home", links=(f"http://localhost:{site.server_port}/secret",))
    site.page("/secret", LONG * 3, title="Secret")
    rules = replace(local, allow_private=False, allowed_addresses=frozenset({"127.0.0.1"}))
    items = crawl(f"{site.url}/", rules, allowed_domains=("127.0.0.1",))
    assert titles(items) == {"Home"}
    assert "/secret" not in site.asked


@pytest.mark.usefixtures("scrapy")
def test_a_crawl_can_be_left(site: Any, local: FetchRules) -> None:
    for number in range(200):
        site.page(f"/{number}", LONG * 3, title=str(number), links=(f"/{number + 1}",))
    items = crawl_site(f"{site.url}/0", rules=replace(local, delay_seconds=0.1), crawl=CrawlRules(depth=200))
    next(items)
    items.close()
    asked = len(site.asked)
    time.sleep(0.5)
    assert len(site.asked) <= asked + 1 < 200


def test_no_address_is_an_error() -> None:
    pytest.importorskip("scrapy", reason="the crawl extra is not installed")
    with pytest.raises(CorpusError, match="only http and https"):
        crawl("file:///etc/passwd", FetchRules())


def test_without_scrapy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, local: FetchRules) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(CorpusError, match=r"install pairloop\[crawl\]"):
        crawl("http://127.0.0.1/", local)
