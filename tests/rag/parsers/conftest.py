"""Documents to parse."""

import io
from collections.abc import Callable

import pytest


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
