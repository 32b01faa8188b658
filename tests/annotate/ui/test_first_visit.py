"""What is done ahead of a first visit: the page that names its scripts, the scripts, the imports."""

import gzip
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from streamlit.file_util import get_static_dir

from annotate.ui.front_page import CARD, SHARED, front_page, front_routes, scripts_of

FOLDER = Path(get_static_dir())
SCRIPTS = FOLDER / "static" / "js"


def preloaded(page: str) -> list[str]:
    return re.findall(r'rel="modulepreload" crossorigin href="\./([^"]+)"', page)


def test_the_page_names_every_script_of_its_elements_once():
    plain, page = (FOLDER / "index.html").read_text("utf-8"), front_page(SHARED + CARD)
    names = preloaded(page)
    assert len(names) == len(set(names)) > len(preloaded(plain))
    assert all((FOLDER / name).is_file() for name in names)
    for element in SHARED + CARD:  # fails when Streamlit names the scripts of its elements differently
        assert any(f"/{element}." in name for name in names), element
    assert not any("/BidiComponent." in name for name in preloaded(front_page(SHARED)))


def test_what_a_script_imports_comes_with_it_and_nothing_that_may_come_later(tmp_path: Path):
    (tmp_path / "One.x.js").write_text('import{a}from"./two.js";import"./three.js";import("./late.js")')
    (tmp_path / "two.js").write_text('import{b}from"./One.x.js"')
    for name in ("three.js", "late.js"):
        (tmp_path / name).write_text("")
    assert set(scripts_of(("One", "Nowhere"), tmp_path)) == {"One.x.js", "two.js", "three.js"}


def test_every_screen_has_its_page():
    paths = {route.path for route in front_routes()}
    assert {"/", "/campaigns", "/runs", "/account"} <= paths
    assert not paths & {"/label", "/__init__"}


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_scripts_come_packed_to_who_takes_them_so(quiet_server, encoding: str):
    file = next(SCRIPTS.glob("BidiComponent.*.js"))
    address = f"{quiet_server.address}/static/js/{file.name}"
    request = urllib.request.Request(address, headers={"Accept-Encoding": encoding})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content, headers = answer.read(), answer.headers
    assert (headers["Content-Encoding"] == "gzip") == (encoding == "gzip")
    assert (gzip.decompress(content) if encoding == "gzip" else content) == file.read_bytes()
    assert headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/../index.html", "/static/js/..%2f..%2findex.html", "/static/nothing.js"]
)
def test_nothing_else_is_read_from_the_disk_as_a_script(quiet_server, path: str):
    request = urllib.request.Request(quiet_server.address + path)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            status, kind = answer.status, answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        status, kind = error.code, ""
    # Streamlit's page for a name that it does not know, else a refusal.
    assert (status, kind.split(";")[0]) in ((200, "text/html"), (400, ""), (401, ""), (404, ""))


def test_the_collector_passes_over_what_was_imported_ahead():
    code = (
        "import gc; from annotate.ui.warming import warm_up; print(gc.get_freeze_count());"
        "warm_up(); print(gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert after > 100_000 > before
