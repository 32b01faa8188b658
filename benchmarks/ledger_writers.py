"""Make a large synthetic ledger in seconds, and let several processes reserve and submit in it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

WARM_UP = 5  # cycles before the clock starts
LATE = "veteran"  # the assessor who has judged many tasks that are still open
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
# `/text/` and `/numbers/` are put in below; one number makes one question, two answers, one pair, one task.
_TABLES = """
INSERT INTO guidelines (id, content_hash, texts, created_at) VALUES (1, 'x', '{}', CURRENT_TIMESTAMP);
INSERT INTO contenders (id, name, fingerprint, settings, created_at)
    VALUES (1, 'a', 'a', '{}', CURRENT_TIMESTAMP), (2, 'b', 'b', '{}', CURRENT_TIMESTAMP);
INSERT INTO questions (id, key, text, language, topic, documents, retrieval, created_at) /numbers/
    SELECT i, 'q' || i, /text/, CASE WHEN i % 2 = 0 THEN 'en' ELSE 'ru' END, '', '[]', '{}',
    CURRENT_TIMESTAMP FROM n;
INSERT INTO answers (id, question_id, contender_id, text, sentences, passages, prompt, model_fingerprint,
    index_fingerprint, refused, new_tokens, seconds, flags, circumstances, created_at) /numbers/
    SELECT 2 * i - 1, i, 1, /text/, '[]', '[]', '[]', 'm', 'x', false, 0, 0, '[]', '{}',
    CURRENT_TIMESTAMP FROM n;
INSERT INTO answers (id, question_id, contender_id, text, sentences, passages, prompt, model_fingerprint,
    index_fingerprint, refused, new_tokens, seconds, flags, circumstances, created_at) /numbers/
    SELECT 2 * i, i, 2, /text/, '[]', '[]', '[]', 'm', 'x', false, 0, 0, '[]', '{}',
    CURRENT_TIMESTAMP FROM n;
INSERT INTO pairs (id, question_id, first_id, second_id, created_at) /numbers/
    SELECT i, i, 2 * i - 1, 2 * i, CURRENT_TIMESTAMP FROM n;
INSERT INTO tasks (id, campaign_id, pair_id, pool, known, language, cluster, overlap, max_overlap,
    people_places, machine_places, open_to_people, open_to_machines, priority, batch, audit, chosen_by,
    created_at) /numbers/
    SELECT i, 1, i, 'main', '{}', CASE WHEN i % 2 = 0 THEN 'en' ELSE 'ru' END, i % 20, 3, 3,
    0, 0, true, true, 0, 1, false, '{}', CURRENT_TIMESTAMP FROM n
"""
_JUDGED = """
INSERT INTO assignments (task_id, assessor_id, state, swapped, reason, flagged, reserved_at, expires_at,
    version) /numbers/
    SELECT i, :assessor, 'submitted', false, '', false, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 2 FROM n;
UPDATE tasks SET people_places = 1 WHERE id <= :count
"""
_TEXT = "'a question of ordinary length about something that the documents may tell, number ' || i"


def make_ledger(url: str, tasks: int, judged_by_one: int = 0) -> None:
    """Fill an empty database with open tasks, by statements that make their own rows.

    One assessor has judged the first `judged_by_one` of them alone, so that they are still open.
    """
    from annotate.labelling import register
    from annotate.store import open_store

    store = open_store(url)
    one = register(store, LATE, "person").id
    with store.writing.begin() as session:
        fill_tasks(session, tasks)
        for statement in _JUDGED.split(";") if judged_by_one else ():
            _run(session, statement, count=judged_by_one, assessor=one)
        if store.engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
    store.engine.dispose()


def fill_tasks(session: Session, tasks: int) -> None:
    """Fill an empty ledger with questions, answers, pairs and open tasks."""
    for statement in _TABLES.split(";"):
        _run(session, statement, count=tasks)


def _run(session: Session, statement: str, **values: int) -> None:
    said = statement.replace("/numbers/", NUMBERS).replace("/text/", _TEXT)
    if session.get_bind().dialect.name == "sqlite":
        said = said.replace(" true", " 1").replace(" false", " 0")
    session.execute(text(said), {name: value for name, value in values.items() if f":{name}" in said})


def run_writers(
    url: str,
    writers: int,
    cycles: int,
    name: str = "writer",
    pause_seconds: float = 0.0,
    *,
    in_one: bool = False,
) -> dict[str, float]:
    """Let processes reserve and submit, pausing between; return milliseconds a cycle and cycles/s.

    A cycle is one `reserve` and one `submit`, or `submit_and_reserve` with `in_one`; both quantiles are of
    single cycles over all writers.
    """
    names = [name] if writers == 1 else [f"{name} {number}" for number in range(writers)]
    command = [sys.executable, "-m", "benchmarks.ledger_writers", url, str(cycles), str(pause_seconds)]
    command.append("in-one" if in_one else "apart")
    running = [
        subprocess.Popen([*command, one], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for one in names
    ]
    for process in running:
        _line(process)
    for process in running:
        if process.stdin is not None:
            process.stdin.write("go\n")
            process.stdin.flush()
    found = [json.loads(process.communicate()[0]) for process in running]
    took = np.concatenate([one["seconds"] for one in found]) * 1000
    return {
        "p50": float(np.quantile(took, 0.5)),
        "p95": float(np.quantile(took, 0.95)),
        "per_second": float(sum(cycles / one["wall"] for one in found)),
        "cpu_ms": 1000 * sum(one["cpu"] for one in found) / took.size,
    }


def _line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise SystemExit("a writer ended early")
    return line


def write(url: str, cycles: int, pause_seconds: float, in_one: bool, name: str) -> dict[str, Any]:
    """Do the work of one writer: say when it is warm, wait for the word, and return its times."""
    from annotate.labelling import Submission, register, reserve, submit
    from annotate.labelling.ledger.exchange import submit_and_reserve
    from annotate.store import open_store

    store = open_store(url)
    who = register(store, name, "person").id

    held = list(reserve(store, who)) if in_one else []

    def cycle(key: str) -> None:
        said = Submission(f"{name}-{key}", "A_better", 1, "benchmark")
        if in_one:
            held[:] = submit_and_reserve(store, held[0].id, who, said).views
            return
        [view] = reserve(store, who)
        submit(store, view.id, who, said)

    for number in range(WARM_UP):
        cycle(f"warm-{time.time_ns()}-{number}")
    print("ready", flush=True)
    sys.stdin.readline()
    seconds, busy, started = [], time.process_time(), time.perf_counter()
    for number in range(cycles):
        time.sleep(pause_seconds)
        before = time.perf_counter()
        cycle(f"{time.time_ns()}-{number}")
        seconds.append(time.perf_counter() - before)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    return {"seconds": seconds, "wall": wall, "cpu": cpu}


if __name__ == "__main__":
    address, count, pause, way, whose = sys.argv[1:]
    print(json.dumps(write(address, int(count), float(pause), way == "in-one", whose)))
