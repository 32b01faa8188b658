"""The parser worker and pool: one bad file costs one error, never the batch."""

import os
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest

from rag.errors import DocumentError
from rag.parsers import Columns, ParsedText, ParserOptions
from rag.parsers.worker import ParserPool, ParserWorker
from rag.workers.limits import Limits

RETURNS = ParsedText("Возврат", "# Возврат\n\nТовар можно вернуть.")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.txt"
    file.write_text(RETURNS.text, "utf-8")
    return file


@pytest.fixture(scope="module")
def worker() -> Iterator[ParserWorker]:
    """One worker for the tests that need no fresh child."""
    with ParserWorker() as worker:
        yield worker


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A page that takes many seconds: a table of more rows than anyone would put on one."""
    file = tmp_path / "slow.html"
    row = "<tr><td>Возврат товара в магазин</td><td>четырнадцать дней</td></tr>"
    file.write_text(f"<html><body><table>{row * 60_000}</table></body></html>", "utf-8")
    return file


@pytest.fixture
def greedy(tmp_path: Path, make_raw_pdf: Callable[[list[bytes]], bytes]) -> Path:
    """A PDF of a few kilobytes whose page unpacks to a hundred megabytes of text commands."""
    packer = zlib.compressobj(9)
    piece = b"BT /T 9 Tf (returns) Tj ET\n" * 40_000
    page = b"".join(packer.compress(piece) for _ in range(100)) + packer.flush()
    file = tmp_path / "greedy.pdf"
    file.write_bytes(
        make_raw_pdf(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<"
                b"/Font<</T 5 0 R>>>>>>",
                b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(page), page),
                b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            ]
        )
    )
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
        assert worker.parse(good) == [RETURNS]
        first = children(others)
        assert worker.parse(pdf)[0].text == "Text of a page."
        assert children(others) == first
    assert children(others) == []


def test_options_reach_the_child_and_all_rows_come_back(worker: ParserWorker, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    rows = [f"{number},ответ {number}\n" for number in range(5_000)]
    table.write_text("n,a\n" + "".join(rows), "utf-8")
    texts = worker.parse(table, ParserOptions(columns=Columns(("a",), id="n")))
    assert [text.name for text in texts] == [str(number) for number in range(5_000)]
    assert texts[4_999].text == "ответ 4999"
    with pytest.raises(DocumentError, match="there are 'n', 'a'"):
        worker.parse(table, ParserOptions(columns=Columns(("b",))))


def test_a_wall_time_out_costs_one_file(good: Path, slow: Path) -> None:
    with ParserWorker(Limits(wall_seconds=0.5)) as worker:
        worker.parse(good)
        started = time.monotonic()
        with pytest.raises(DocumentError, match=r"longer than 0\.5 seconds"):
            worker.parse(slow)
        assert time.monotonic() - started < 5
        assert worker.parse(good) == [RETURNS]


def test_a_processor_time_out_costs_one_file(good: Path, slow: Path) -> None:
    with ParserWorker(Limits(cpu_seconds=0)) as worker:
        with pytest.raises(DocumentError, match="seconds of processor time"):
            worker.parse(slow)
        assert worker.parse(good) == [RETURNS]


def test_a_file_that_eats_memory_costs_one_file(
    good: Path, greedy: Path, others: set[psutil.Process]
) -> None:
    assert greedy.stat().st_size < 2 << 20
    with ParserWorker(Limits(memory_bytes=256 << 20)) as worker:
        worker.parse(good)
        with pytest.raises(DocumentError, match=r"memory|crashed"):
            worker.parse(greedy)
        assert worker.parse(good) == [RETURNS]
    assert children(others) == []


def test_a_crash_while_parsing_costs_one_file(good: Path, others: set[psutil.Process], slow: Path) -> None:
    with ParserWorker() as worker:
        killer = threading.Thread(target=kill_children, args=(others, 0.7))
        killer.start()
        with pytest.raises(DocumentError, match=r"crashed \(SIGKILL\)"):
            worker.parse(slow)
        killer.join()
        assert worker.parse(good) == [RETURNS]


def kill_children(others: set[psutil.Process], busy_seconds: float) -> None:
    """Kill the new child once it is at work on its file."""
    for _ in count():
        for child in children(others):
            if child.cpu_times().user > busy_seconds:
                child.kill()
                return
        time.sleep(0.05)


def test_a_child_that_died_between_files_is_replaced_and_the_file_read(
    good: Path, others: set[psutil.Process]
) -> None:
    with ParserWorker() as worker:
        worker.parse(good)
        [child] = children(others)
        child.kill()
        child.wait()
        assert worker.parse(good) == [RETURNS]


def test_too_much_text_costs_one_file(good: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_text("слово 😀 " * 5_000, "utf-8")
    with ParserWorker(Limits(characters=20_000)) as worker:
        with pytest.raises(DocumentError, match="more than 20,000 characters of text"):
            worker.parse(large)
        assert worker.parse(good) == [RETURNS]


def test_what_no_parser_should_open_is_refused_before_a_child_starts(
    good: Path, others: set[psutil.Process], tmp_path: Path
) -> None:
    huge, link, pipe, folder = (
        tmp_path / name for name in ("huge.txt", "link.txt", "pipe.txt", "folder.txt")
    )
    with huge.open("wb") as file:
        file.truncate(200 << 20)
    link.symlink_to(good)
    os.mkfifo(pipe)
    folder.mkdir()
    (tmp_path / "a.exe").write_bytes(b"MZ")
    reasons = {
        huge: "larger than 128 MB",
        link: "a symbolic link",
        pipe: "not a regular file",
        folder: "not a regular file",
        tmp_path / "a.exe": r"no parser for \.exe",
        tmp_path / "missing.txt": "cannot be read: No such file",
    }
    with ParserWorker() as worker:
        for path, reason in reasons.items():
            with pytest.raises(DocumentError, match=reason):
                worker.parse(path)
        assert children(others) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_says_so(worker: ParserWorker, good: Path) -> None:
    good.chmod(0)
    with pytest.raises(DocumentError, match="Permission denied"):
        worker.parse(good)


def test_the_worker_is_replaced_after_its_share_of_files(
    good: Path, others: set[psutil.Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ParserWorker, "tasks_per_child", 1)
    with ParserWorker() as worker:
        worker.parse(good)
        first = children(others)
        worker.parse(good)
        assert children(others) != first


def test_secrets_of_the_environment_do_not_reach_the_child(
    good: Path, others: set[psutil.Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVIDER_API_KEY", "sesame")
    with ParserWorker() as worker:
        worker.parse(good)
        [child] = children(others)
        assert "PROVIDER_API_KEY" not in child.environ()


HOSTILE = """
import importlib.util, os, sys
sys.modules["rag"] = importlib.util.module_from_spec(importlib.util.find_spec("rag"))
import rag.parsers
from rag.parsers import child

class Hostile:
    suffixes = frozenset({".txt"})
    def parse(self, path, options):
        print('{"end": ""}', flush=True)
        os.write(1, b'{"end": ""}\\n')
        if "write" in path.name:
            (path.parent / "written").write_text("payload")
        if "memory" in path.name:
            bytearray(8 << 30)
        if "exit" in path.name:
            sys.exit(0)
        return [rag.parsers.ParsedText("", "parsed " + path.name)]

rag.parsers.PARSERS = (Hostile(),)
child.main()
"""


def test_a_hostile_parser_can_neither_write_nor_take_all_memory_nor_forge_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A real child whose interpreter runs the hostile parser in place of ours.
    script, interpreter = tmp_path / "hostile.py", tmp_path / "python"
    script.write_text(HOSTILE, "utf-8")
    interpreter.write_text(f'#!/bin/sh\nfor last; do :; done\nexec {sys.executable} {script} "$last"\n')
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    outcomes = {}
    with ParserWorker() as worker:
        for name in ("write", "memory", "exit", "plain"):
            file = tmp_path / f"{name}.txt"
            file.write_text("x", "utf-8")
            try:
                outcomes[name] = worker.parse(file)[0].text
            except DocumentError as error:
                outcomes[name] = str(error)
    assert "OSError" in outcomes["write"]
    assert outcomes["memory"] == "ran out of memory"
    assert outcomes["exit"] == "the parser crashed (exit status 0)"
    assert outcomes["plain"] == "parsed plain.txt"
    assert not (tmp_path / "written").exists() or (tmp_path / "written").read_bytes() == b""


def test_the_pool_keeps_the_order_and_bad_files_cost_only_themselves(
    tmp_path: Path, others: set[psutil.Process], greedy: Path, slow: Path
) -> None:
    paths, expected = [], []
    for number in range(40):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"Документ {number}.", "utf-8")
        paths.append(path)
        expected.append(f"Документ {number}.")
    for position, bad, reason in (
        (3, greedy, "memory|crashed|longer than"),
        (20, slow, "longer than|memory"),
        (30, tmp_path, "no parser"),
    ):
        paths.insert(position, bad)
        expected.insert(position, reason)
    with ParserPool(2, Limits(memory_bytes=256 << 20, wall_seconds=2.0)) as pool:
        found = list(pool.parse(iter(paths)))
        assert 0 < len(children(others)) <= 2
    assert [path for path, _ in found] == paths
    for (_, result), text in zip(found, expected, strict=True):
        if isinstance(result, DocumentError):
            assert any(part in str(result) for part in text.split("|"))
        else:
            assert [part.text for part in result] == [text]
    assert children(others) == []


def test_a_pool_that_is_left_early_stops_its_children(
    good: Path, slow: Path, others: set[psutil.Process]
) -> None:
    started = time.monotonic()
    with ParserPool(2) as pool:
        results = pool.parse([good, slow, slow, slow])
        assert next(results) == (good, [RETURNS])
    assert children(others) == []
    assert time.monotonic() - started < 30


def test_a_pool_takes_paths_only_a_few_ahead(good: Path) -> None:
    taken = count()
    with ParserPool(1) as pool:
        results = pool.parse(good for _ in range(1_000) if next(taken) >= 0)
        next(results)
        assert next(taken) < 10
