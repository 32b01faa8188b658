"""`pairloop ingest` from the web: pages, sitemaps, JSON interfaces, crawls, and what is refused."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import JobError
from annotate.jobs.ingest import parser_options
from rag.parsers.base import Columns
from tests.annotate.cli.conftest import pairloop

LONG = "The library lends its books for three weeks, and every reader can extend a loan twice. " * 3


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    assert pairloop("init", folder).returncode == 0
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    return folder


@pytest.fixture
def site(files: Path) -> Iterator[str]:
    """The address of a server on loopback over the files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(files)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write_page(file: Path, title: str, *links: str) -> None:
    anchors = "".join(f'<p><a href="{link}">Read more about this here</a></p>' for link in links)
    file.write_text(
        f"<html><head><title>{title}</title></head><body><article><p>{title}. {LONG}</p>{anchors}</article>"
    )


def ingest(workspace: Path, *arguments: object) -> dict[str, Any]:
    result = pairloop("ingest", *arguments, "-w", workspace, "--json", "--allow-private", "--delay", 0)
    assert result.returncode == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_every_kind_of_source_in_one_workspace(
    workspace: Path, files: Path, site: str, tmp_path: Path
) -> None:
    write_page(files / "a.html", "Loans")
    (files / "faq.csv").write_text("number,question,answer\n7,When?,The library opens at nine.\n")
    (files / "rows.json").write_text(
        json.dumps({"rows": [{"id": 1, "text": "Boats leave at ten."}, {"id": 2}]})
    )
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "note.md").write_text("# Notes\n\nThe museum is closed on Monday.\n")
    api = tmp_path / "api.toml"
    api.write_text(
        f'url = "{site}/rows.json"\nrows = "$.rows[*]"\ncollection = "boats"\n'
        '[fields]\nid = "id"\ntext = "text"\n'
    )
    pages = (f"{site}/a.html", f"{site}/faq.csv", "http://169.254.169.254/")
    columns = "text=answer,title=question,id=number"
    report = ingest(workspace, folder, *pages, "--json-api", api, "--columns", columns)
    sources = report["sources"]
    assert [sources[str(folder)][name] for name in ("changed", "failed")] == [1, []]
    web = sources[", ".join(pages)]
    assert web["changed"] == 2
    assert "not a public address" in web["failed"][0]["reason"]
    assert sources[str(api)]["changed"] == 1
    assert sources[str(api)]["failed"] == [
        {"document": "boats:2", "reason": "fields.text: text found nothing; the keys here are id"}
    ]
    assert report["corpus"]["documents"] == 4
    assert report["index"]
    again = ingest(workspace, folder, *pages, "--json-api", api, "--columns", columns)
    assert {source["changed"] for source in again["sources"].values()} == {0}
    assert sum(source["unchanged"] for source in again["sources"].values()) == 4


def test_a_sitemap_then_a_crawl_of_the_same_site(workspace: Path, files: Path, site: str) -> None:
    write_page(files / "index.html", "Home", "a.html")
    write_page(files / "a.html", "Loans", "b.html")
    write_page(files / "b.html", "Museum")
    (files / "sitemap.xml").write_text(
        f"<urlset><url><loc>{site}/a.html</loc></url><url><loc>{site}/gone.html</loc></url></urlset>"
    )
    report = ingest(workspace, f"{site}/sitemap.xml", "--sitemap", "--collection", "town")
    [source] = report["sources"].values()
    assert source["changed"] == 1
    assert source["failed"][0]["document"] == f"town:{site}/gone.html"
    if importlib.util.find_spec("scrapy") is None:
        pytest.skip("the crawl extra is not installed")
    report = ingest(workspace, f"{site}/", "--crawl", "--depth", 2, "--collection", "town")
    [source] = report["sources"].values()
    assert (source["changed"], source["unchanged"], source["failed"]) == (2, 1, [])


def test_private_addresses_are_refused_unless_they_are_allowed(
    workspace: Path, files: Path, site: str
) -> None:
    write_page(files / "a.html", "Loans")
    result = pairloop("ingest", f"{site}/a.html", "-w", workspace)
    assert result.returncode == 1
    assert "127.0.0.1 is not a public address" in result.stdout
    assert "no document could be read" in result.stderr


WRONG: list[tuple[list[str], str]] = [
    ([], "name a folder"),
    (["http://x.invalid/", "--sitemap", "--crawl"], "choose one of"),
    (["x.csv", "--columns", "title=a"], "write text=COLUMN"),
    (["x.html", "--sites", "no-such.toml"], "no-such.toml"),
    (["--json-api", "no-such.toml"], "no-such.toml"),
]


def test_wrong_calls_end_with_one_line(workspace: Path) -> None:
    for arguments, said in WRONG:
        result = pairloop("ingest", *arguments, "-w", workspace)
        assert result.returncode == 1
        assert said in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_columns_are_read_as_people_write_them() -> None:
    options = parser_options("text=question+answer, title=name ,id=n,date=day", None, False)
    assert options.columns == Columns(("question", "answer"), "name", "n", "day")
    for wrong in ("text", "text=", "title=a", "text=a,body=b", "=a"):
        with pytest.raises(JobError, match="write text=COLUMN"):
            parser_options(wrong, None, False)
