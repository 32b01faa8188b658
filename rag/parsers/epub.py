"""Parse electronic books."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rag.cleaning.encoding import decode
from rag.errors import DocumentError
from rag.parsers.archives import open_archive
from rag.parsers.base import ParsedText, ParserOptions
from rag.parsers.dates import read_date
from rag.parsers.markup import HIDDEN, parse_html, remove, to_markdown

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


class EpubParser:
    """Read the chapters of an EPUB in reading order as one Markdown text."""

    suffixes = frozenset({".epub"})

    def parse(self, path: Path, options: ParserOptions) -> list[ParsedText]:  # noqa: ARG002 - none apply
        """Return the book's title, text and date of publication."""
        with open_archive(path) as archive:
            root = _read(archive, _CONTAINER).css_first("rootfile")
            package_name = (root.attributes.get("full-path") if root is not None else "") or ""
            package = _read(archive, package_name)
            chapters = _chapter_names(package, posixpath.dirname(package_name))
            locked = archive.read(_ENCRYPTION) if _ENCRYPTION in archive.namelist() else b""
            if any(name.encode() in locked for name in chapters):
                raise DocumentError("encrypted book: it can be read by its shop's own reader only")
            texts = [_chapter(archive, name) for name in chapters]
        text = "\n\n".join(text for text in texts if text)
        if not text:
            raise DocumentError("no readable text in this book")
        return [ParsedText(_fact(package, "title"), text, published=read_date(_fact(package, "date")))]


def _read(archive: zipfile.ZipFile, name: str) -> LexborHTMLParser:
    """Read an entry as HTML, also where it is XML: an HTML parser knows no entities to expand."""
    try:
        return parse_html(decode(archive.read(name)))
    except KeyError as error:
        raise DocumentError(f"broken book: no {name or 'package file'} in it") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise DocumentError(f"broken book: {error}") from error


def _chapter_names(package: LexborHTMLParser, folder: str) -> list[str]:
    """List the files of the spine by the manifest's ids; navigation is no text."""
    files = {
        item.attributes.get("id"): item.attributes.get("href") or ""
        for item in package.css("item")
        if "html" in (item.attributes.get("media-type") or "")
        and "nav" not in (item.attributes.get("properties") or "").split()
    }
    order = (item.attributes.get("idref") for item in package.css("itemref"))
    return [
        posixpath.normpath(posixpath.join(folder, unquote(files[item]))) for item in order if item in files
    ]


def _chapter(archive: zipfile.ZipFile, name: str) -> str:
    tree = _read(archive, name)
    remove(tree, HIDDEN)
    return to_markdown(tree.body) if tree.body is not None else ""


def _fact(package: LexborHTMLParser, name: str) -> str:
    node = package.css_first(f"dc\\:{name}")
    return " ".join(node.text(deep=False).split()) if node is not None else ""
