"""Write folders of real text in many formats: one as people keep them, one damaged."""

from __future__ import annotations

import gzip
import importlib.metadata
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

SHARED = Path(__file__).parents[2] / "shared" / "data"
_LONGEST = 4_000  # characters of one document
_PROSE = {".md", ".rst", ".txt"}
_FORMATS = ("md", "html", "docx", "txt", "pdf")


class Damaged(NamedTuple):
    """Name a damaged file and what a good pipeline finds in it; None means it must refuse the file."""

    name: str
    expected: str | None


def write_mixed(folder: Path, count: int) -> int:
    """Write `count` documents of real text in turn as Markdown, HTML, Word, plain text and PDF.

    The text: the paragraphs of XQuAD-R in Russian and English, the Python reference, and what
    the installed packages say of themselves, licences included. Return how many there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = list(itertools.islice(_texts(), count))
    for number, (title, text) in enumerate(texts):
        kind = _FORMATS[number % len(_FORMATS)]
        if kind == "pdf" and not text.isascii():
            kind = "docx"  # the fonts that every PDF reader has know no Cyrillic
        write = {"md": _markdown, "html": _page, "docx": _word, "txt": _plain, "pdf": _pdf}[kind]
        (folder / f"{number:04}.{kind}").write_bytes(write(title, text))
    return len(texts)


def _texts() -> Iterator[tuple[str, str]]:
    for language in ("ru", "en"):
        file = SHARED / "xquad_r" / f"{language}.jsonl.gz"
        if not file.exists():
            raise SystemExit(f"{file}: not there; get XQuAD-R (LAReQA, CC BY-SA 4.0)")
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield from _paragraphs(json.loads(line))
    from pydoc_data import topics

    for topic, text in sorted(topics.topics.items()):
        for at in range(0, len(text), _LONGEST):
            yield topic, text[at : at + _LONGEST]
    for package in sorted(importlib.metadata.distributions(), key=lambda found: found.metadata["Name"]):
        name = package.metadata["Name"]
        files = (Path(str(file.locate())) for file in package.files or () if file.suffix in _PROSE)
        written = [str(package.metadata.json.get("description", ""))]
        written += [file.read_text("utf-8", errors="replace") for file in files if file.is_file()]
        yield from ((name, text[:_LONGEST].strip()) for text in written if len(text.strip()) > 300)


def _paragraphs(article: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for paragraph in article["paragraphs"]:
        yield str(article.get("title", "")), str(paragraph["context"])


def _markdown(title: str, text: str) -> bytes:
    return f"# {title}\n\n{text}\n".encode()


def _plain(title: str, text: str) -> bytes:
    return f"{title}\n\n{text}\n".encode()


def _page(title: str, text: str) -> bytes:
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{escape(title)}</title></head><body>"
        f"<nav><a href=/>Home</a> <a href=/login>Login</a></nav><main><h1>{escape(title)}</h1>"
        f"{paragraphs}</main><footer>© All rights reserved</footer></body></html>"
    ).encode()


def _word(title: str, text: str) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading(title)
    for part in text.split("\n\n"):
        document.add_paragraph("".join(sign for sign in part if sign.isprintable() or sign in "\n\t"))
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _pdf(title: str, text: str, password: str | None = None) -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

    style = getSampleStyleSheet()
    written = io.BytesIO()
    parts: list[Flowable] = [Paragraph(escape(title), style["Title"])]
    parts += [Paragraph(escape(part), style["BodyText"]) for part in text.split("\n\n")]
    SimpleDocTemplate(written, encrypt=password).build(parts)
    return written.getvalue()


RUSSIAN = "Товар можно вернуть в течение четырнадцати дней со дня доставки, если сохранился чек."
ENGLISH = "Goods can be returned within fourteen days of delivery if you have kept the receipt."


def write_damaged(folder: Path) -> list[Damaged]:
    """Write files as they arrive in real life; return what each should give."""
    folder.mkdir(parents=True, exist_ok=True)
    russian, english = "Товар можно вернуть", "Goods can be returned"
    pdf, word = _pdf("Returns", "\n\n".join([ENGLISH] * 40)), _word("Returns", "\n\n".join([ENGLISH] * 40))
    files: dict[str, tuple[bytes, str | None]] = {
        "cp1251.txt": ((RUSSIAN * 5).encode("cp1251"), russian),
        "cp1251.md": (("# Возврат\n\n" + RUSSIAN * 5).encode("cp1251"), russian),
        "koi8.txt": ((RUSSIAN * 5).encode("koi8-r"), russian),
        "utf16.txt": ((RUSSIAN * 5).encode("utf-16"), russian),
        "broken-byte.txt": ((RUSSIAN * 5).encode() + b"\xff" + RUSSIAN.encode(), russian),
        "cp1251.html": (
            f"<html><head><meta charset=windows-1251></head><body><p>{RUSSIAN * 5}</p></body></html>".encode(
                "cp1251"
            ),
            russian,
        ),
        "cp1251.csv": (f"title;text\nВозврат;{RUSSIAN}\n".encode("cp1251"), russian),
        "broken-row.csv": (f'id,text\n1,"{ENGLISH}"\n2,"unclosed\n'.encode(), english),
        "mojibake.txt": ((RUSSIAN * 5).encode().decode("latin-1").encode(), russian),
        "zero-width.txt": ("\u200b".join(ENGLISH).encode(), english),
        "no-tail.pdf": (pdf[: -len(pdf) // 40], english),
        "leading-bytes.pdf": (b"\r\n\r\n" + pdf, english),
        "binary.txt": (bytes(range(256)) * 40, None),
        "binary.md": (zipfile_bytes("x", b"0" * 1000), None),
        "truncated.docx": (word[: len(word) // 2], None),
        "not-a-word-file.docx": (ENGLISH.encode(), None),
        "encrypted.pdf": (_pdf("Returns", ENGLISH, password="secret"), None),  # noqa: S106
        "garbage.pdf": (b"%PDF-1.4 garbage", None),
        "empty.txt": (b"", None),
        "blank.md": (b" \n\n \n", None),
        "empty.html": (b"<html><body><script>let x = 1</script></body></html>", None),
        "bomb.docx": (zipfile_bytes("word/document.xml", b" " * (600 << 20)), None),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    return [Damaged(name, expected) for name, (_, expected) in files.items()]


def zipfile_bytes(name: str, data: bytes) -> bytes:
    """Return a ZIP archive with one member."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return written.getvalue()
