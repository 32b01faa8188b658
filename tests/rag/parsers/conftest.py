"""Documents to parse."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rag.parsers import ParsedText, ParserOptions
from rag.parsers.child import parse_file
from rag.workers.limits import Limits


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab makes the test PDFs")

    def make(*pages: str, title: str = "", password: str | None = None) -> bytes:
        sink = io.BytesIO()
        drawing = canvas.Canvas(sink, encrypt=password, invariant=1)
        drawing.setTitle(title)
        for page in pages:
            for row, line in enumerate(page.splitlines()):
                drawing.drawString(72, 750 - 20 * row, line)
            drawing.showPage()
        drawing.save()
        return sink.getvalue()

    return make


@pytest.fixture
def make_raw_pdf() -> Callable[[list[bytes]], bytes]:
    """Write a PDF from the bodies of its objects, of which the first is the catalogue."""

    def make(objects: list[bytes]) -> bytes:
        out, offsets = bytearray(b"%PDF-1.5\n"), []
        for number, body in enumerate(objects, start=1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(objects) + 1
        head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
        return bytes(out) + head + trailer

    return make


@pytest.fixture
def make_zip() -> Callable[[Mapping[str, str | bytes]], bytes]:
    def make(entries: Mapping[str, str | bytes]) -> bytes:
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return sink.getvalue()

    return make


@pytest.fixture
def parse(tmp_path: Path) -> Callable[..., list[ParsedText]]:
    """Parse content under a file name, in this process, as the worker's child does."""

    def parse(name: str, content: bytes | str, options: ParserOptions | None = None) -> list[ParsedText]:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return parse_file(file, options or ParserOptions(), Limits())

    return parse
