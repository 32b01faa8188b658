"""Keep pages as they were, so that an unchanged page is not sent again (RFC 9111, validation)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True)
class Page:
    """Hold what a server sent: the address after redirects, the type, the bytes."""

    url: str
    content_type: str
    charset: str
    body: bytes


class PageCache:
    """Keep one file a page below a folder: a line of JSON, then the body."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> tuple[Page, dict[str, str]] | None:
        """Return a page with the headers that ask for it only if it changed, or None."""
        try:
            head, _, body = self._file(url).read_bytes().partition(b"\n")
            known = json.loads(head)
            return Page(**known["page"], body=body), dict(known["ask"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, page: Page, headers: Mapping[str, str]) -> None:
        """Keep a page if its response headers say how to ask whether it changed."""
        validators = {"If-None-Match": headers.get("etag"), "If-Modified-Since": headers.get("last-modified")}
        ask = {name: value for name, value in validators.items() if value}
        if not ask:
            return
        known = asdict(page)
        body = known.pop("body")
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{uuid4().hex}.part"
        part.write_bytes(json.dumps({"page": known, "ask": ask}).encode() + b"\n" + body)
        part.replace(self._file(page.url))

    def _file(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
