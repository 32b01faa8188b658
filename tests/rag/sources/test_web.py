"""Pages by address: the right parser, dates and titles, and no broken page stops the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag.documents import Document, Failure
from rag.errors import DocumentError
from rag.parsers.base import Columns, ParserOptions, SiteRules
from rag.sources.page_cache import Page
from rag.sources.rules import FetchRules
from rag.sources.web import page_key, read_pages, suffix_of

LONG = "The library lends its books for three weeks, and every reader can extend a loan twice. "


def read(urls: list[str], rules: FetchRules, **how: Any) -> list[Document | Failure]:
    return list(read_pages(urls, rules=rules, **how))


def test_pages_and_files_become_documents_and_failures(site: Any, local: FetchRules) -> None:
    site.page("/loans", LONG * 3, title="Loans")
    site.put("/notes", "# Часы работы\n\nОткрыто с девяти.", "text/markdown; charset=utf-8")
    site.put("/plain", "Открыто с девяти.".encode("koi8-r"), "text/plain; charset=koi8-r")
    site.put("/read.md?raw=1", "# Read me\n\nFirst.", "text/plain")
    site.put("/picture", b"\x89PNG\r\n", "image/png")
    site.put("/broken.pdf", b"%PDF-1.4 garbage", "application/pdf")
    site.put("/empty", "", "text/plain")
    paths = ["loans", "notes", "plain", "read.md?raw=1", "picture", "broken.pdf", "empty", "missing"]
    seen: list[tuple[int, int]] = []
    items = read(
        [f"{site.url}/{path}" for path in paths],
        local,
        collection="town",
        progress=lambda done, total: seen.append((done, total)),
    )
    found = {item.key.removeprefix(f"town:{site.url}/"): item for item in items}
    assert list(found) == paths
    documents = {path: item for path, item in found.items() if isinstance(item, Document)}
    assert {path: item.title for path, item in documents.items()} == {
        "loans": "Loans",
        "notes": "Часы работы",
        "plain": "plain",
        "read.md?raw=1": "Read me",
    }
    assert documents["plain"].text.strip() == "Открыто с девяти."
    assert documents["loans"].source == f"{site.url}/loans"
    failures = {path: item.reason for path, item in found.items() if isinstance(item, Failure)}
    assert failures["picture"] == "no parser for image/png"
    assert "PDF" in failures["broken.pdf"]
    assert "empty" in failures["empty"]
    assert "404" in failures["missing"]
    assert seen[-1] == (8, 8)


def test_a_refused_address_costs_itself_only(site: Any, local: FetchRules) -> None:
    site.page("/good", LONG * 3, title="Good")
    good = f"{site.url}/good"
    urls = ["http://169.254.169.254/", "ftp://x/", "http://me:secret@x/", good, good, "http://[::1"]
    items = read(urls, local)
    assert [type(item).__name__ for item in items] == ["Failure"] * 3 + ["Document", "Failure"]
    assert items[3].key == f"127.0.0.1:{good}"
    assert not any("secret" in f"{item.key} {item.source}" for item in items)


def test_an_address_decides_which_site_rules_hold(site: Any, local: FetchRules) -> None:
    site.pages["/rules"] = site.Reply(
        "<html><body><div class='menu'>Menu of the site</div><h1 class='head'>Rules</h1>"
        f"<div class='body'><p>{LONG}</p></div></body></html>"
    )
    sites = (SiteRules("127.0.0.1", title=".head", content=".body"),)
    [item] = read([f"{site.url}/rules"], local, options=ParserOptions(sites=sites))
    assert isinstance(item, Document)
    assert item.title == "Rules"
    assert item.text.strip() == LONG.strip()


def test_a_table_is_many_documents(site: Any, local: FetchRules) -> None:
    site.put("/faq.csv", "id,question,answer\n1,When?,At nine.\n2,Where?,In town.\n", "text/csv")
    options = ParserOptions(columns=Columns(("answer",), title="question", id="id"))
    items = read([f"{site.url}/faq.csv"], local, collection="faq", options=options)
    assert {item.key: item.title for item in items} == {
        f"faq:{site.url}/faq.csv#1": "When?",
        f"faq:{site.url}/faq.csv#2": "Where?",
    }


def test_a_page_names_its_date(site: Any, local: FetchRules) -> None:
    site.put(
        "/news",
        "<html><head><title>News</title>"
        "<meta property='article:published_time' content='2024-03-12T10:00:00'>"
        f"</head><body><article><p>{LONG * 3}</p></article></body></html>",
    )
    [item] = read([f"{site.url}/news"], local)
    assert isinstance(item, Document)
    assert item.published == date(2024, 3, 12)


@pytest.mark.parametrize(
    ("url", "content_type", "suffix"),
    [
        ("http://x/a", "text/html", ".html"),
        ("http://x/a.md", "text/html", ".html"),
        ("http://x/a.md", "text/plain", ".md"),
        ("http://x/a.log", "text/plain", ".txt"),
        ("http://x/a.PDF?x=.html", "application/octet-stream", ".pdf"),
        ("http://x/a.html", "", ".html"),
    ],
)
def test_the_kind_of_a_page(url: str, content_type: str, suffix: str) -> None:
    assert suffix_of(Page(url, content_type, "", b"")) == suffix


@pytest.mark.parametrize("content_type", ["", "video/mp4", "application/octet-stream", "application/zip"])
def test_a_page_that_no_parser_reads_is_refused(content_type: str) -> None:
    with pytest.raises(DocumentError, match="no parser for"):
        suffix_of(Page("http://x/a", content_type, "", b""))


def test_keys_of_pages() -> None:
    assert page_key("http://X.org:80/a?b#c") == "x.org:http://X.org:80/a?b"
    assert page_key("http://x.org/a", "town") == "town:http://x.org/a"
    assert page_key("http://[::1") == "web:http://[::1"
    assert page_key("http://u:p@x.org/") == "x.org:http://x.org/"


def test_nothing_is_left_on_disk(
    site: Any, local: FetchRules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    site.page("/a", LONG * 3)
    items = read_pages([f"{site.url}/a", f"{site.url}/b"], rules=local)
    next(items)
    items.close()
    assert list(tmp_path.iterdir()) == []
