"""Serve Streamlit's scripts, styles and fonts from memory, packed: a first visit asks for a hundred."""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from streamlit.file_util import get_static_dir

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PACKED = (".js", ".css", ".svg")
HEADERS = {"Cache-Control": "public, immutable, max-age=31536000"}  # each name holds a hash of its content


class Bundle:
    """Answer for the files of Streamlit's package; all else goes on to the application.

    A file is read, and packed, when it is asked for first. Streamlit leaves packing to a proxy, and
    opens the file for every request in a thread.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        folder = Path(get_static_dir())
        files = (folder / "static").rglob("*")
        self.files = {f"/{file.relative_to(folder).as_posix()}": file for file in files if file.is_file()}
        self.ready: dict[tuple[Path, bool], Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        asked = scope["type"] == "http" and scope["method"] == "GET"
        file = self.files.get(scope["path"]) if asked else None
        if file is None:
            await self.app(scope, receive, send)
            return
        packed = file.suffix in PACKED and "gzip" in Headers(scope=scope).get("Accept-Encoding", "")
        if (file, packed) not in self.ready:
            self.ready[file, packed] = await run_in_threadpool(_read, file, packed)
        await self.ready[file, packed](scope, receive, send)


def _read(file: Path, packed: bool) -> Response:
    content = file.read_bytes()
    headers = HEADERS | ({"Vary": "Accept-Encoding"} if file.suffix in PACKED else {})
    if packed:
        content, headers = gzip.compress(content, 6), headers | {"Content-Encoding": "gzip"}
    kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
    return Response(content, headers=headers, media_type=kind or "application/octet-stream")
