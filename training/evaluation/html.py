"""Build a page of elements, so that whatever a text holds is shown as text and never read as markup."""

import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from training.evaluation.texts import Speech

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #111827 }
h1 { font-size: 1.5rem }
h2 { font-size: 1.15rem; margin-top: 2rem }
table { border-collapse: collapse; margin: .5rem 0 }
th, td { border-bottom: 1px solid #e5e7eb; padding: .2rem .7rem; text-align: left; vertical-align: top }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
pre { background: #f3f4f6; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
svg { max-width: 100%; height: auto }
.bad { color: #b91c1c }
.note { color: #4b5563 }
"""
# A page that asks nothing of anybody: even a text that slipped through could fetch or run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Page:
    """Gather the parts of one self-contained HTML page, top to bottom; `speech` is what they speak."""

    def __init__(self, title: str, speech: Speech | None = None) -> None:
        self.speech = speech or Speech()
        self._root = Element("html", {"lang": self.speech.language})
        head = SubElement(self._root, "head")
        SubElement(head, "meta", {"charset": "utf-8"})
        SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
        SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
        _put(head, "title", title)
        SubElement(head, "style").text = _STYLE
        self._body = SubElement(self._root, "body")
        _put(self._body, "h1", title)

    def heading(self, text: str) -> None:
        """Begin a section."""
        _put(self._body, "h2", text)

    def say(self, text: str, *, kind: str = "") -> None:
        """Add a paragraph; `kind` is "", "note" or "bad"."""
        _put(self._body, "p", text, {"class": kind} if kind else {})

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table; nothing where it has no rows."""
        rows = list(rows)
        if not rows:
            return
        table = SubElement(self._body, "table")
        if any(header):
            line = SubElement(table, "tr")
            for name in header:
                _put(line, "th", name)
        for row in rows:
            line = SubElement(table, "tr")
            for value in row:
                _put(line, "td", str(value))

    def plot(self, svg: Element) -> None:
        """Add a plot."""
        self._body.append(svg)

    def quote(self, text: str) -> None:
        """Add a text as it is, line by line."""
        _put(self._body, "pre", text)

    def render(self) -> str:
        """Return the page as HTML."""
        for element in self._root.iter():
            if element.text:
                element.text = _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", element.text)
        return "<!doctype html>\n" + tostring(self._root, encoding="unicode", method="html") + "\n"


def _put(parent: Element, tag: str, text: str, attributes: dict[str, str] | None = None) -> Element:
    made = SubElement(parent, tag, attributes or {})
    made.text = text
    return made
