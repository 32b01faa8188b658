"""Serve Streamlit's page so that the browser fetches at once what it would ask for only one by one.

The page names the scripts that start it. Those that draw its elements are asked for when the first run of
a screen has said which there are, after two more ways to the server and back; all screens share the menu,
and the labelling screen is the card, so that they are known before.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit.file_util import get_static_dir

SHARED = ("Html", "PageLink", "Selectbox")  # scripts of the elements that every screen draws
CARD = ("BidiComponent",)
SCREENS = Path(__file__).parent / "screens"
_IMPORT = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')
_HEAD_END = "</head>"


def front_routes() -> list[Route]:
    """Return the routes of the pages of all screens; the labelling screen is the root."""
    names = sorted(file.stem for file in SCREENS.glob("[a-z]*.py"))
    others = [Route(f"/{name}", _other_screen) for name in names if name != "label"]
    return [Route("/", _first_screen), *others]


async def _first_screen(_request: Request) -> HTMLResponse:
    return _response((*SHARED, *CARD))


async def _other_screen(_request: Request) -> HTMLResponse:
    return _response(SHARED)


def _response(elements: tuple[str, ...]) -> HTMLResponse:
    return HTMLResponse(front_page(elements), headers={"Cache-Control": "no-cache"})


@lru_cache
def front_page(elements: tuple[str, ...]) -> str:
    """Return Streamlit's page with the scripts of some elements, and what they import, named in its head."""
    folder = Path(get_static_dir())
    page = (folder / "index.html").read_text("utf-8")
    wanted = [name for name in scripts_of(elements, folder / "static" / "js") if name not in page]
    links = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">\n' for name in wanted)
    return page.replace(_HEAD_END, links + _HEAD_END, 1)


def scripts_of(elements: tuple[str, ...], folder: Path) -> list[str]:
    """Return the files of elements and all that they import; an element that is not there has none."""
    waiting = [file.name for element in elements for file in sorted(folder.glob(f"{element}.*.js"))]
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if name not in found and (folder / name).is_file():
            found[name] = None
            waiting += _IMPORT.findall((folder / name).read_text("utf-8"))
    return list(found)
