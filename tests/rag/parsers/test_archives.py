"""Zip archives of strangers."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.parsers import archives
from rag.parsers.archives import open_archive

MakeZip = Callable[[Mapping[str, str | bytes]], bytes]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.zip"


def test_a_fair_archive_is_opened(archive: Path, make_zip: MakeZip) -> None:
    archive.write_bytes(make_zip({"a.txt": "text " * 100_000}))  # shrinks a lot, yet is small
    with open_archive(archive) as opened:
        assert opened.read("a.txt").startswith(b"text")


def test_too_many_entries_are_refused(archive: Path, make_zip: MakeZip) -> None:
    archive.write_bytes(make_zip({str(number): "" for number in range(archives.MAX_ENTRIES + 1)}))
    with pytest.raises(DocumentError, match="10,001 files inside"):
        open_archive(archive)


def test_too_large_contents_are_refused(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        for number in range(5):
            opened.writestr(str(number), bytes(64 << 20))
    with pytest.raises(DocumentError, match="320 MB inside"):
        open_archive(archive)


def test_an_encrypted_archive_says_so(archive: Path, make_zip: MakeZip) -> None:
    content = bytearray(make_zip({"a.txt": "secret"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(bytes(content))
    with pytest.raises(DocumentError, match="password"):
        open_archive(archive)
