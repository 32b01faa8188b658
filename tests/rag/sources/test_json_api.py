"""JSON interfaces: pagination of every kind, paths, secrets, and errors that name the path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rag.documents import Document, Failure
from rag.errors import CorpusError
from rag.sources.json_api import read_json_api
from rag.sources.json_api_settings import ApiSettings
from rag.sources.rules import FetchRules

ROWS = [
    {"id": number, "head": {"title": f"Article {number}"}, "body": [f"First {number}.", f"Second {number}."]}
    for number in range(1, 6)
]
FIELDS = {"id": "$.id", "title": "$.head.title", "text": "$.body[*]"}


def serve(site: Any, answer: Callable[[dict[str, str], Any], Any]) -> None:
    """Answer /items by a function of the query and the request."""

    def reply(handler: Any) -> Any:
        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        return site.Reply(json.dumps(answer(query, handler)), "application/json")

    class Pages(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            return reply if path.startswith("/items") else default

    site.pages = Pages()


def read(site: Any, rules: FetchRules, path: str = "/items", **settings: Any) -> list[Document | Failure]:
    values = {"url": site.url + path, "fields": FIELDS, "collection": "api"} | settings
    return list(read_json_api(ApiSettings(**values), rules=rules))


def keys(items: list[Document | Failure]) -> list[str]:
    return [item.key for item in items if isinstance(item, Document)]


ALL = [f"api:{number}" for number in range(1, 6)]


def test_a_plain_list_is_read(site: Any, local: FetchRules) -> None:
    serve(site, lambda _query, _handler: ROWS)
    items = read(site, local)
    assert keys(items) == ALL
    assert isinstance(items[0], Document)
    assert items[0].title == "Article 1"
    assert items[0].text == "First 1.\n\nSecond 1."
    assert "/robots.txt" not in site.asked


def test_pages_are_counted(site: Any, local: FetchRules) -> None:
    serve(site, lambda query, _: {"items": ROWS[2 * int(query["p"]) - 2 : 2 * int(query["p"])]})
    paging = {"kind": "page"}
    assert keys(read(site, local, "/items?p={page}", rows="$.items[*]", pagination=paging)) == ALL
    assert site.asked == [f"/items?p={number}" for number in range(1, 5)]


def test_offsets_are_counted(site: Any, local: FetchRules) -> None:
    serve(site, lambda query, _: {"items": ROWS[int(query["from"]) :][:2]})
    paging = {"kind": "offset", "step": 2}
    assert keys(read(site, local, "/items?from={offset}", rows="$.items[*]", pagination=paging)) == ALL


def test_cursors_are_followed(site: Any, local: FetchRules) -> None:
    def answer(query: dict[str, str], _: Any) -> Any:
        start = int(query.get("after", "at 0 & on").split()[1])
        more = f"at {start + 2} & on" if start + 2 < len(ROWS) else None
        return {"items": ROWS[start:][:2], "meta": {"cursor": more}}

    serve(site, answer)
    paging = {"kind": "cursor", "path": "$.meta.cursor"}
    path = "/items?size=2&after={cursor}"
    assert keys(read(site, local, path, rows="$.items[*]", pagination=paging)) == ALL
    assert site.asked[0] == "/items?size=2"


def test_next_links_are_followed_on_their_own_site_only(site: Any, local: FetchRules) -> None:
    def answer(query: dict[str, str], _: Any) -> Any:
        start = int(query.get("at", 0))
        link = f"?at={start + 2}" if start < 2 else "http://169.254.169.254/items"
        return {"items": ROWS[start:][:2], "next": link}

    serve(site, answer)
    paging = {"kind": "next", "path": "$.next"}
    items = read(site, local, rows="$.items[*]", pagination=paging)
    assert keys(items) == ALL[:4]
    assert isinstance(items[-1], Failure)
    assert "another site" in items[-1].reason


@pytest.mark.parametrize(
    ("paging", "path", "answer", "reason"),
    [
        ({"kind": "page"}, "/items?p={page}", {"items": ROWS}, "page 2 repeats"),
        ({"kind": "next", "path": "$.next"}, "/items", {"items": ROWS, "next": "/items"}, "in a circle"),
        (
            {"kind": "next", "path": "$.next", "max_pages": 1},
            "/items",
            {"items": ROWS, "next": "/items?b"},
            "stopped after the 1 pages",
        ),
    ],
)
def test_endless_interfaces_end(
    site: Any, local: FetchRules, paging: Any, path: str, answer: Any, reason: str
) -> None:
    serve(site, lambda _query, _handler: answer)
    items = read(site, local, path, rows="$.items[*]", pagination=paging)
    assert keys(items) == ALL
    assert isinstance(items[-1], Failure)
    assert reason in items[-1].reason


def test_a_broken_page_keeps_what_came_before(site: Any, local: FetchRules) -> None:
    serve(site, lambda query, _: {"items": ROWS[:2]} if query["p"] == "1" else "no rows here")
    items = read(site, local, "/items?p={page}", rows="$.items[*]", pagination={"kind": "page"})
    assert keys(items) == ALL[:2]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{}", r"rows: \$\.items\[\*\] found nothing"),
        ('{"data": [], "total": 0}', r"\$\.items\[\*\] found nothing; the keys here are data, total"),
        ("<html>", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"items": 1', "not JSON"),
    ],
)
def test_the_path_that_found_nothing_is_named(site: Any, local: FetchRules, body: str, reason: str) -> None:
    site.put("/items", body, "application/json")
    [item] = read(site, local, rows="$.items[*]")
    assert isinstance(item, Failure)
    assert re.search(reason, item.reason), item.reason


def test_a_row_without_its_parts_costs_itself_only(site: Any, local: FetchRules) -> None:
    rows = [
        {"id": 1},
        {"body": ["x"]},
        {"id": "ok\ud800", "body": [None, "te\x00xt", 5]},
        7,
        {"id": 0, "body": ["zero"]},
    ]
    serve(site, lambda _query, _handler: rows)
    items = read(site, local)
    assert keys(items) == ["api:ok?", "api:0"]
    assert next(item for item in items if item.key == "api:ok?").text == "text\n\n5"
    failures = {item.key: item.reason for item in items if isinstance(item, Failure)}
    assert failures == {
        "api:1": "fields.text: $.body[*] found nothing; the keys here are id",
        "api:page 1 row 2": "fields.id: $.id found nothing; the keys here are body",
        "api:page 1 row 4": "fields.id: $.id found nothing",
    }


def test_html_is_parsed_and_dates_and_links_are_read(site: Any, local: FetchRules) -> None:
    sentence = "The library lends its books for three weeks, and a loan can be extended twice. "
    html = f"<div><p>{sentence * 3}</p><script>alert(1)</script></div>"
    days = ["2024-03-12T10:00:00Z", 1710237600, 1710237600000, "Tue, 12 Mar 2024 10:00:00 GMT"]
    serve(
        site,
        lambda *_: [{"id": n, "html": html, "link": f"/a/{n}", "day": day} for n, day in enumerate(days)],
    )
    fields = {"id": "id", "text": "html", "url": "link", "date": "day"}
    items = read(site, local, fields=fields, text_format="html")
    assert [item.source for item in items] == [f"{site.url}/a/{n}" for n in range(4)]
    assert {item.published for item in items if isinstance(item, Document)} == {date(2024, 3, 12)}
    assert all("alert" not in item.text and sentence.strip() in item.text for item in items)


def test_secrets_come_from_the_environment(
    site: Any, local: FetchRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(site, lambda _query, _handler: ROWS)
    headers = {"Authorization": "Bearer ${PAIRLOOP_TEST_TOKEN}"}
    with pytest.raises(CorpusError, match="PAIRLOOP_TEST_TOKEN is not set"):
        read(site, local, headers=headers)
    monkeypatch.setenv("PAIRLOOP_TEST_TOKEN", "s3cret")
    assert keys(read(site, local, headers=headers)) == ALL
    assert site.headers[-1]["authorization"] == "Bearer s3cret"
    for broken in ("s3cret\r\nX-More: 1", "s3cret\u0439"):
        monkeypatch.setenv("PAIRLOOP_TEST_TOKEN", broken)
        with pytest.raises(CorpusError, match="the header Authorization") as raised:
            read(site, local, headers=headers)
        assert "s3cret" not in str(raised.value)


GOOD = """
url = "http://x/?p={page}"
rows = "$[*]"
[fields]
id = "$.id"
text = "$.t"
[pagination]
kind = "page"
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("{page}", "1"), "needs {page} in the url"),
        (GOOD.replace('"$.t"', '"$.["'), r"fields\.text: .*\$\.\[ is no JSONPath"),
        (GOOD.replace('"$[*]"', '"$[*"'), r"rows: .* is no JSONPath"),
        (GOOD.replace('id = "$.id"\n', ""), r"fields\.id: Field required"),
        (GOOD + "size = 3\n", r"pagination\.size: Extra inputs"),
        (GOOD.replace('"page"', '"cursor"'), "pagination: .*cursor needs a path"),
        ("url = ", "api.toml"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, wrong: str, said: str) -> None:
    file = tmp_path / "api.toml"
    file.write_text(wrong, "utf-8")
    with pytest.raises(CorpusError, match=said) as raised:
        ApiSettings.load(file)
    assert "\n" not in str(raised.value)


def test_settings_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "api.toml"
    file.write_text(GOOD, "utf-8")
    assert ApiSettings.load(file).pagination.kind == "page"
    with pytest.raises(CorpusError, match="no-such"):
        ApiSettings.load(tmp_path / "no-such.toml")
