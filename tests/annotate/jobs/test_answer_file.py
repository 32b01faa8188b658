"""Many questions over a real workspace: batched, resumable, and killed on the way."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import JobError
from annotate.jobs import answer_file
from annotate.jobs.answer_file import answer_lines, batches, parse_line
from annotate.jobs.context import Context
from annotate.jobs.ingest import ingest_path
from annotate.jobs.precomputed import precompute, read_log

ROOT = Path(__file__).parents[3]
QUESTIONS = [
    "When does the library open?",
    '{"id": "refund", "text": "When can goods be returned?"}',
    "",
    '{"id": "broken"',
    "Сколько стоит стоянка у вокзала?",
    "When does the library open?",
]
COMMAND = """
import sys
from pathlib import Path
from annotate.jobs import answer_file
from annotate.jobs.context import Context
answer_file.BATCH = 1
answer_file.batches.__defaults__ = (1,)
answer_file.answer_lines(Context.open(Path(sys.argv[1])), sys.stdin, Path(sys.argv[2]))
"""

pytestmark = pytest.mark.models


@pytest.fixture
def filled(context: Context, documents: Path) -> Context:
    ingest_path(context, documents)
    context.settings = context.settings.model_copy(
        update={"contenders": (context.settings.contenders[0].model_copy(update={"max_new_tokens": 8}),)}
    )
    return context


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_question_gets_a_line_with_all_that_supports_it(filled: Context, tmp_path: Path) -> None:
    output = tmp_path / "out" / "answers.jsonl"
    counts = answer_lines(filled, QUESTIONS, output)
    assert counts == {"answered": 3, "skipped": 1, "invalid": 1}
    library, refund, broken, parking = rows(output)
    assert refund["id"] == "refund"
    assert "not valid JSON" in broken["error"]
    assert parking["language"] == "ru"
    assert library["passages"][0]["document"].endswith("library.md")
    assert {"text", "citations", "flags", "refused", "model", "index", "precomputed"} <= set(library)
    before = output.read_bytes()
    assert answer_lines(filled, QUESTIONS, output) == {"answered": 0, "skipped": 5, "invalid": 0}
    assert output.read_bytes() == before


@pytest.mark.slow
def test_a_half_written_line_is_made_again_and_other_files_are_left_alone(
    filled: Context, tmp_path: Path
) -> None:
    output = tmp_path / "answers.jsonl"
    answer_lines(filled, QUESTIONS[:2], output)
    whole = output.read_bytes()
    output.write_bytes(whole[:-20])
    assert answer_lines(filled, QUESTIONS[:2], output)["answered"] == 1
    assert [row["id"] for row in rows(output)] == [row["id"] for row in map(json.loads, whole.splitlines())]
    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "x", "made_by": "somebody"}\n', "utf-8")
    with pytest.raises(JobError, match="another contender"):
        answer_lines(filled, QUESTIONS, other)
    other.write_text("a list of things to buy\n", "utf-8")
    with pytest.raises(JobError, match="other things than answers"):
        answer_lines(filled, QUESTIONS, other)
    assert other.read_text("utf-8") == "a list of things to buy\n"


def test_a_stream_is_answered_as_it_comes(filled: Context) -> None:
    written = io.StringIO()
    answer_lines(filled, iter(QUESTIONS[:1]), written)
    assert json.loads(written.getvalue())["question"] == QUESTIONS[0]


def test_answers_made_ahead_are_used_and_say_so(filled: Context, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"text": "When does the library open?", "count": 5}\nwhen does the library open\nHello!\n', "utf-8"
    )
    assert read_log(log)["When does the library open?"] == 5
    made = precompute(filled, log, min_asked=2, keep_flagged=True)
    assert (made["frequent"], made["made"], made["left_out"]) == (1, 1, 0)
    assert precompute(filled, log, min_asked=2, keep_flagged=True)["known"] == 1
    written = io.StringIO()
    asked = ["When do the libraries open?", "When does the library close?"]
    answer_lines(filled, asked, written)
    hit, miss = map(json.loads, written.getvalue().splitlines())
    assert hit["precomputed"]["kind"] == "semantic"
    assert miss["precomputed"] is None


@pytest.mark.slow
def test_after_kill_9_the_same_command_goes_on(filled: Context, tmp_path: Path) -> None:
    questions = [f"When does the library open on day {number}?" for number in range(6)]
    output = tmp_path / "answers.jsonl"
    command = [sys.executable, "-c", COMMAND, str(filled.workspace.folder), str(output)]
    child = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, text=True, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    )
    assert child.stdin is not None
    child.stdin.write("\n".join(questions[:4]) + "\n")
    child.stdin.flush()  # and the stream stays open
    deadline = time.monotonic() + 200
    while not (output.exists() and len(output.read_bytes().splitlines()) >= 2):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdin.close()
    finished = [row["id"] for row in rows_that_are_whole(output)]
    subprocess.run(command, cwd=ROOT, input="\n".join(questions), text=True, check=True, timeout=200)
    assert [row["question"] for row in rows(output)] == questions
    assert [row["id"] for row in rows(output)][: len(finished)] == finished


def rows_that_are_whole(path: Path) -> list[dict[str, Any]]:
    whole, _, _ = path.read_text("utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def test_a_stream_is_read_no_faster_than_it_is_answered() -> None:
    read: list[int] = []

    def lines() -> Any:
        for number in range(1000):
            read.append(number)
            yield f"question {number}"

    some = batches(lines(), size=4)
    assert len(next(some)) == 4
    time.sleep(0.2)
    assert len(read) <= 4 + 4 + 2
    assert sum(len(batch) for batch in some) == 996


def test_a_line_is_a_question_or_says_why_not() -> None:
    assert parse_line(" What? \n", 1).text == "What?"
    assert parse_line('{"text": "What?"}', 1).key == parse_line("what?", 2).key
    assert parse_line('{"id": 7, "text": "What?"}', 1).key == "7"
    assert "no text under `text` or `question`" in parse_line('{"id": 7}', 3).error
    assert parse_line('{"question": "What?"}', 1).text == "What?"
    assert answer_file.BATCH == 16
