"""The parser worker: one bad file costs one error, never the batch."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from rag.errors import DocumentError
from rag.parsers import worker as worker_module
from rag.parsers.worker import ParserWorker

# A heading pattern without end costs the text parser time that grows with the square of its length.
SLOW = "# " + "#" * 400_000 + "x"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.txt"
    file.write_text("# Возврат\n\nТовар можно вернуть.", "utf-8")
    return file


@pytest.fixture(scope="module")
def worker() -> Iterator[ParserWorker]:
    """One worker for the tests that need no fresh child."""
    with ParserWorker() as worker:
        yield worker


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    file = tmp_path / "slow.txt"
    file.write_text(SLOW, "utf-8")
    return file


@pytest.fixture
def others() -> set[psutil.Process]:
    """The children that this process has before the test."""
    return set(psutil.Process().children())


def children(others: set[psutil.Process]) -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child not in others]


def test_files_are_parsed_one_after_another_in_one_child(
    good: Path, others: set[psutil.Process], tmp_path: Path, make_pdf: Callable[..., bytes]
) -> None:
    pdf = tmp_path / "b.pdf"
    pdf.write_bytes(make_pdf("Text of a page."))
    with ParserWorker() as worker:
        assert worker.parse(good) == ("Возврат", "# Возврат\n\nТовар можно вернуть.")
        first = children(others)
        assert worker.parse(pdf).text == "Text of a page."
        assert children(others) == first
    assert children(others) == []


def test_a_time_out_costs_one_file(good: Path, slow: Path) -> None:
    with ParserWorker(seconds_per_file=1.0) as worker:
        started = time.monotonic()
        with pytest.raises(DocumentError, match="time limit"):
            worker.parse(slow)
        assert time.monotonic() - started < 30
        assert worker.parse(good).title == "Возврат"


def test_a_crash_while_parsing_costs_one_file(good: Path, others: set[psutil.Process], slow: Path) -> None:
    with ParserWorker() as worker:
        worker.parse(good)
        killer = threading.Timer(0.3, children(others)[0].kill)
        killer.start()
        with pytest.raises(DocumentError, match="crashed"):
            worker.parse(slow)
        assert worker.parse(good).title == "Возврат"


def test_a_child_that_died_between_files_is_replaced(good: Path, others: set[psutil.Process]) -> None:
    with ParserWorker() as worker:
        worker.parse(good)
        [child] = children(others)
        child.kill()
        child.wait()
        with pytest.raises(DocumentError, match="crashed"):
            worker.parse(good)
        assert worker.parse(good).title == "Возврат"


def test_too_much_text_costs_one_file(worker: ParserWorker, good: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_text("слово " * (worker_module.MAX_TEXT_CHARACTERS // 6 + 1), "utf-8")
    with pytest.raises(DocumentError, match="characters of text"):
        worker.parse(large)
    assert worker.parse(good).title == "Возврат"


def test_a_reply_that_is_too_long_to_read_costs_one_file(
    worker: ParserWorker, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each of these letters takes more bytes on the pipe than the reader allows in this test.
    wide = tmp_path / "wide.txt"
    wide.write_text("😀" * 5_000, "utf-8")
    monkeypatch.setattr(worker_module, "MAX_TEXT_CHARACTERS", 5_000)
    with pytest.raises(DocumentError):
        worker.parse(wide)
    assert worker.parse(good).title == "Возврат"


def test_a_file_that_is_too_large_or_of_no_known_kind_is_refused(
    good: Path, others: set[psutil.Process], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "a.exe"
    other.write_bytes(b"MZ")
    with ParserWorker() as worker:
        with pytest.raises(DocumentError, match=r"no parser for \.exe"):
            worker.parse(other)
        monkeypatch.setattr(worker_module, "MAX_FILE_BYTES", 4)
        with pytest.raises(DocumentError, match="larger than"):
            worker.parse(good)
        assert children(others) == []


def test_the_worker_is_replaced_after_its_share_of_files(
    good: Path, others: set[psutil.Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "FILES_PER_WORKER", 1)
    with ParserWorker() as worker:
        worker.parse(good)
        first = children(others)
        worker.parse(good)
        assert children(others) != first


def test_null_characters_never_reach_the_database(worker: ParserWorker, tmp_path: Path) -> None:
    file = tmp_path / "nulls.txt"
    file.write_bytes("\ufeffтекст\x00 дальше".encode("utf-16-le"))
    assert worker.parse(file).text == "текст дальше"


HOSTILE = """
import sys
from pathlib import Path
import rag.parsers
from rag.parsers import worker

class Hostile:
    suffixes = frozenset({".txt"})
    def parse(self, path):
        print("noise on standard output")
        if "write" in path.name:
            (path.parent / "written").write_text("payload")
        if "memory" in path.name:
            bytearray(8 << 30)
        return rag.parsers.ParsedText("", "parsed " + path.name)

rag.parsers.PARSERS = (Hostile(),)
worker._serve()
"""


def test_a_hostile_parser_can_neither_write_nor_take_all_memory_nor_forge_replies(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("write.txt", "memory.txt", "plain.txt")]
    asked = "".join(f'"{path}"\n' for path in paths)
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE], input=asked, capture_output=True, text=True, timeout=60, check=True
    )
    ready, written, memory, plain = done.stdout.splitlines()
    assert ready == '"ready"'
    assert "OSError" in written
    assert "memory" in memory
    assert plain == '{"title": "", "text": "parsed plain.txt"}'
    assert not (tmp_path / "written").exists() or (tmp_path / "written").read_bytes() == b""
