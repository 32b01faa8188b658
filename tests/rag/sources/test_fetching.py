"""Fetching: judged addresses at every hop, limits, robots.txt, politeness, validation."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.errors import DocumentError
from rag.sources.fetching import Fetcher, inflate
from rag.sources.rules import FetchRules

PUBLIC = FetchRules(delay_seconds=0.0, seconds_per_page=5.0)


def fetch(url: str, rules: FetchRules, **headers: str) -> bytes:
    with Fetcher(rules) as fetcher:
        return fetcher.fetch(url, headers).body


def refused(url: str, rules: FetchRules, reason: str) -> None:
    with Fetcher(rules) as fetcher, pytest.raises(DocumentError, match=reason):
        fetcher.fetch(url)


def test_a_page_comes_with_its_type_and_address(site: Any, local: FetchRules) -> None:
    site.put("/a?b=1", "привет".encode("cp1251"), "Text/HTML; charset=windows-1251")
    with Fetcher(local) as fetcher:
        page = fetcher.fetch(f"{site.url}/a?b=1#part")
    assert page.url == f"{site.url}/a?b=1"
    assert (page.content_type, page.charset) == ("text/html", "windows-1251")
    assert page.body.decode("cp1251") == "привет"
    assert site.headers[-1]["user-agent"] == local.user_agent
    assert site.headers[-1]["host"] == site.url.removeprefix("http://")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "[::1]"]
)
def test_loopback_is_refused_in_every_spelling_and_nothing_is_sent(site: Any, host: str) -> None:
    site.page("/", "Secret.")
    refused(f"http://{host}:{site.server_port}/", PUBLIC, "not a public address")
    assert site.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_the_same_spellings_reach_the_site_where_it_is_allowed(
    site: Any, local: FetchRules, host: str
) -> None:
    site.put("/", "open")
    assert fetch(f"http://{host}:{site.server_port}/", local) == b"open"


def test_the_metadata_address_of_clouds_is_refused_even_on_an_intranet(local: FetchRules) -> None:
    for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]"):
        refused(f"http://{host}/latest/meta-data", local, "not a public address")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("ftp://example.org/a", "only http and https"),
        ("gopher://127.0.0.1:6379/", "only http and https"),
        ("http:///path", "no host"),
        ("http://[::1", "not a web address"),
        ("http://user:secret@example.org/", "password"),
        ("http://8.8.8.8:99999/", "not a web address"),
        ("http://exa mple.org/", "no such host"),
        ("http://x/\ud800", "not a web address"),
        ("http://nowhere.invalid/", "no such host"),
    ],
)
def test_addresses_that_are_none_are_refused(url: str, reason: str) -> None:
    refused(url, PUBLIC, reason)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://127.0.0.2:{port}/secret", "not a public address"),
        ("http://[::1]:{port}/secret", "not a public address"),
        ("//169.254.169.254/secret", "not a public address"),
        ("file:///etc/passwd", "only http and https"),
        ("http://me:secret@127.0.0.1:{port}/secret", "password"),
        ("http://[broken/", "no such host|not a web address"),
    ],
)
def test_a_redirect_is_judged_like_an_address(
    make_site: Callable[..., Any], target: str, reason: str
) -> None:
    site, inner = make_site(), make_site("127.0.0.2")
    only_the_site = replace(PUBLIC, allowed_addresses=frozenset({"127.0.0.1"}))
    inner.put("/secret", "secret")
    site.redirect("/", target.format(port=inner.server_port))
    site.put("/fine", "fine")
    assert fetch(f"{site.url}/fine", only_the_site) == b"fine"
    with Fetcher(only_the_site) as fetcher, pytest.raises(DocumentError, match=reason):
        fetcher.fetch(f"{site.url}/")
    assert inner.asked == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_judged(
    site: Any, local: FetchRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.1", "127.0.0.3", "127.0.0.3", "127.0.0.3"])
    resolved = []

    def rebinding(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        address = next(answers) if host == "rebind.example" else host
        resolved.append(address)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    site.put("/", "judged")
    rules = replace(PUBLIC, allowed_addresses=frozenset({"127.0.0.1"}), obey_robots=False)
    assert fetch(f"http://rebind.example:{site.server_port}/", rules) == b"judged"
    assert resolved[0] == "127.0.0.1"
    assert "127.0.0.3" not in resolved
    assert site.headers[-1]["host"] == f"rebind.example:{site.server_port}"


def test_a_host_with_one_forbidden_address_is_refused_whole(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    refused(f"http://two.example:{site.server_port}/", PUBLIC, r"127\.0\.0\.1 is not a public address")


def test_a_proxy_of_the_environment_is_not_used(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, site.url)
    refused("http://127.0.0.9/", PUBLIC, "not a public address")
    assert site.asked == []


def test_redirects_are_followed_but_not_for_ever(site: Any, local: FetchRules) -> None:
    site.redirect("/0", "/1")
    site.redirect("/1", "2")
    site.put("/2", "there")
    with Fetcher(local) as fetcher:
        assert fetcher.fetch(f"{site.url}/0").url == f"{site.url}/2"
    site.redirect("/loop", "/loop")
    refused(f"{site.url}/loop", local, "more than 5 redirects")


def test_headers_go_to_their_own_site_only(make_site: Callable[..., Any], local: FetchRules) -> None:
    site, other = make_site(), make_site()
    other.put("/", "other")
    site.redirect("/", other.url + "/")
    site.redirect("/near", "/far")
    site.put("/far", "far")
    assert fetch(f"{site.url}/", local, **{"X-Token": "secret"}) == b"other"
    assert fetch(f"{site.url}/near", local, **{"X-Token": "secret"}) == b"far"
    assert all("x-token" not in headers for headers in other.headers)
    assert site.headers[-1]["x-token"] == "secret"


def test_size_is_limited_with_and_without_a_declaration(site: Any, local: FetchRules) -> None:
    rules = replace(local, max_bytes=1_000)
    site.put("/exact", b"x" * 1_000)
    site.put("/declared", b"x" * 1_001)
    site.put("/undeclared", b"x" * 100_000, headers={"Content-Length": "", "Connection": "close"})
    assert len(fetch(f"{site.url}/exact", rules)) == 1_000
    refused(f"{site.url}/declared", rules, "larger than 1,000 bytes")
    refused(f"{site.url}/undeclared", rules, "larger than 1,000 bytes")


def test_a_compressed_bomb_is_stopped_before_it_unpacks(site: Any, local: FetchRules) -> None:
    rules = replace(local, max_bytes=1 << 20)
    site.put("/good", gzip.compress(b"text " * 1_000), headers={"Content-Encoding": "gzip"})
    site.put("/bomb", gzip.compress(bytes(200 << 20), 1), headers={"Content-Encoding": "gzip"})
    site.put("/cut", gzip.compress(b"text " * 1_000)[:-9], headers={"Content-Encoding": "gzip"})
    site.put("/brotli", b"\x8b\x02\x80", headers={"Content-Encoding": "br"})
    assert fetch(f"{site.url}/good", rules) == b"text " * 1_000
    refused(f"{site.url}/bomb", rules, "unpacks to more than")
    refused(f"{site.url}/cut", rules, "broken or cut short")
    refused(f"{site.url}/brotli", rules, "encoding br")


def test_inflate_takes_any_pieces() -> None:
    data = b"abc" * 10_000
    packed = zlib.compress(data)
    assert inflate([packed[n : n + 7] for n in range(0, len(packed), 7)], len(data)) == data
    with pytest.raises(DocumentError):
        inflate([packed], len(data) - 1)
    with pytest.raises(DocumentError):
        inflate([b"no gzip at all"], 100)


def test_a_server_that_drips_is_left(site: Any, local: FetchRules) -> None:
    site.put("/", "x" * 100, drip_seconds=0.1)
    started = time.monotonic()
    refused(f"{site.url}/", replace(local, seconds_per_page=0.5), "time limit")
    assert time.monotonic() - started < 3


def test_a_dead_port_and_a_broken_answer_are_said(site: Any, local: FetchRules) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused(f"http://127.0.0.1:{port}/", local, "cannot be fetched")
    refused(f"https://127.0.0.1:{site.server_port}/", local, "cannot be fetched")
    site.put("/short", b"x" * 10, headers={"Content-Length": "100", "Connection": "close"})
    refused(f"{site.url}/short", replace(local, seconds_per_page=2.0), "cannot be fetched|time limit")
    refused(f"{site.url}/missing", local, "status 404")


def test_robots_are_obeyed_and_read_once(site: Any, local: FetchRules) -> None:
    site.put("/robots.txt", "User-agent: pairloop\nDisallow: /private\n", "text/plain")
    site.put("/private/a", "no")
    site.put("/open", "yes")
    site.redirect("/door", "/private/a")
    with Fetcher(local) as fetcher:
        assert fetcher.fetch(f"{site.url}/open").body == b"yes"
        for path in ("/private/a", "/door"):
            with pytest.raises(DocumentError, match=r"robots\.txt forbids"):
                fetcher.fetch(site.url + path)
        assert fetcher.fetch(f"{site.url}/private/a", robots=False).body == b"no"
    assert site.asked.count("/robots.txt") == 1
    assert fetch(f"{site.url}/private/a", replace(local, obey_robots=False)) == b"no"


def test_a_site_whose_robots_cannot_be_read_is_left_alone(site: Any, local: FetchRules) -> None:
    site.put("/", "page")
    site.put("/robots.txt", "error", status=500)
    refused(f"{site.url}/", local, r"robots\.txt forbids")
    site.put("/robots.txt", "none", status=404)
    assert fetch(f"{site.url}/", local) == b"page"


def test_one_host_is_not_hurried(site: Any, local: FetchRules) -> None:
    site.put("/", "page")
    with Fetcher(replace(local, delay_seconds=0.2, obey_robots=False)) as fetcher:
        for _ in range(3):
            fetcher.fetch(f"{site.url}/")
    gaps = [later - earlier for earlier, later in zip(site.moments, site.moments[1:], strict=False)]
    assert min(gaps) > 0.15


def test_a_crawl_delay_is_kept(site: Any, local: FetchRules) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 1\nDisallow:\n", "text/plain")
    site.put("/", "page")
    with Fetcher(local) as fetcher:
        fetcher.fetch(f"{site.url}/")
        fetcher.fetch(f"{site.url}/")
    assert site.moments[-1] - site.moments[-2] > 0.9


def test_a_busy_server_is_asked_again_when_it_says(site: Any, local: FetchRules) -> None:
    replies = iter([site.Reply(status=429, headers={"Retry-After": "0"}), site.Reply("now")])
    site.pages["/"] = lambda _handler: next(replies)
    assert fetch(f"{site.url}/", local) == b"now"
    site.put("/always", status=503, headers={"Retry-After": "0"})
    refused(f"{site.url}/always", local, "status 503")
    assert site.asked.count("/always") == 1 + local.retries


def test_an_unchanged_page_is_not_sent_again(site: Any, local: FetchRules, tmp_path: Path) -> None:
    def page(handler: Any) -> Any:
        if handler.headers.get("If-None-Match") == '"one"':
            return site.Reply(status=304, headers={"Content-Length": ""})
        return site.Reply("the text", headers={"ETag": '"one"'})

    site.pages["/"] = page
    rules = replace(local, cache_folder=str(tmp_path / "pages"))
    assert [fetch(f"{site.url}/", rules) for _ in range(2)] == [b"the text"] * 2
    assert "if-none-match" in site.headers[-1]
    for kept in (tmp_path / "pages").iterdir():
        kept.write_bytes(b"damaged")
    assert fetch(f"{site.url}/", rules) == b"the text"
    secret = {"X-Token": "secret"}
    assert fetch(f"{site.url}/", rules, **secret) == b"the text"
    assert "if-none-match" not in site.headers[-1]
