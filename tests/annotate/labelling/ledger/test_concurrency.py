"""Many processes at one ledger, some killed, some with a wrong clock: nothing lost, nothing double."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select, text

from annotate.errors import NothingToLabel
from annotate.labelling import expire, reserve, submit
from annotate.labelling.campaigns import open_campaign
from annotate.labelling.ledger.places import recount
from annotate.store import Assignment, Event, Judgement, Task, open_store
from tests.annotate.conftest import Ledger

# Forks a writer for each line on its stdin and answers with its number: importing sixteen times would
# take longer than the work. A writer has a clock of its own: Python's, and with SQLite, which reads the
# clock of its process, the database's as well. It logs what it is about to send and what was taken.
NURSERY = """
import os, random, sys, time, traceback
from datetime import UTC, datetime, timedelta
from sqlalchemy import event
import annotate.store.base
from annotate.errors import LeaseLost, NothingToLabel
from annotate.labelling import Submission, release, reserve, submit
from annotate.labelling.ledger.exchange import submit_and_reserve
from annotate.store import open_store

def turn_clocks(store, minutes):
    class Skewed(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(minutes=minutes)

    annotate.store.base.datetime = Skewed
    if store.engine.dialect.name == "sqlite":
        store.engine.dispose()
        event.listen(store.engine, "connect", lambda connection, _record: connection.create_function(
            "strftime", 2, lambda form, _now: Skewed.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")))

def write(url, assessor, guideline, minutes, log, patience):
    store = open_store(url)
    turn_clocks(store, minutes)
    rng = random.Random(os.getpid())
    idle, held = 0, []
    while idle < patience:
        if not held:
            try:
                held = reserve(store, assessor, count=rng.choice((1, 2)), lease_seconds=2)
            except NothingToLabel:
                idle += 1
                time.sleep(0.05)
                continue
        idle = 0
        view = held.pop(0)
        try:
            if rng.random() < 0.04:
                release(store, view.id, assessor)
                continue
            key = f"{view.id}-{view.version}"
            said = Submission(key, "tie", guideline, "test")
            log.write(f"sends {key}\\n")
            if rng.random() < 0.4:
                made = submit(store, view.id, assessor, said)
            else:
                count = rng.choice((1, 2))
                found = submit_and_reserve(store, view.id, assessor, said, count=count, lease_seconds=2)
                made, held = found.judgement, list(found.views)
            log.write(f"sent {key} {made}\\n")
        except LeaseLost:
            log.write("lost\\n")

url, guideline, patience = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for line in sys.stdin:
    assessor, minutes, path = line.split(" ", 2)
    child = os.fork()
    if not child:
        status = 1
        try:
            with open(path.strip(), "a", buffering=1) as log:
                write(url, int(assessor), guideline, float(minutes), log, patience)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    print(child, flush=True)
while True:
    try:
        _, status = os.wait()
    except ChildProcessError:
        break
    print("killed" if os.WIFSIGNALED(status) else f"ended {os.WEXITSTATUS(status)}", flush=True)
"""
SKEWS = (0, 7, -7, 90, 0, -45, 1, 0)  # minutes


def run_and_kill(ledger: Ledger, url: str, folder: Path, tasks: int, kills: int, patience: int = 8) -> None:
    """Let 16 processes of 16 people label; kill some at random moments and start them again."""
    ledger.tasks(tasks, overlap=3)
    people = [ledger.person(f"person {number}") for number in range(16)]
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, url, str(ledger.guideline.id), str(patience)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as nursery:

        def begin(number: int) -> int:
            line = f"{people[number].id} {SKEWS[number % len(SKEWS)]} {folder / f'{number}.log'}\n"
            nursery.stdin.write(line)
            return int(nursery.stdout.readline())

        running = {number: begin(number) for number in range(16)}
        wait_for_work(ledger, tasks)
        for kill in range(kills):
            time.sleep(0.1)
            number = (5 * kill) % 16
            os.kill(running[number], signal.SIGKILL)
            running[number] = begin(number)
        said, wrong = nursery.communicate(timeout=240)
    assert wrong == ""
    assert Counter(said.split("\n")[:-1]) == {"ended 0": 16, "killed": kills}


def wait_for_work(ledger: Ledger, tasks: int) -> None:
    """Wait until a part of the work is done, so that what is killed is at work."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with ledger.store.reading() as session:
            if session.query(Judgement).count() >= tasks // 4:
                return
        time.sleep(0.05)
    raise AssertionError("nothing was judged for a minute")


def finish(ledger: Ledger) -> None:
    """Let leases of the killed run out, and three people without haste do what is left."""
    time.sleep(2.1)
    expire(ledger.store)
    for number in range(4):
        late = ledger.person(f"late {number}")
        while True:
            try:
                for view in reserve(ledger.store, late.id, count=20):
                    submit(ledger.store, view.id, late.id, ledger.says())
            except NothingToLabel:
                break


def check(ledger: Ledger, folder: Path, tasks: int) -> None:
    sent, sends = {}, set()
    for log in folder.glob("*.log"):
        for line in log.read_text("utf-8").splitlines():
            kind, *rest = line.split()
            if kind == "sent":
                sent[rest[0]] = int(rest[1])
            elif kind == "sends":
                sends.add(rest[0])
    with ledger.store.reading() as session:
        stored = {row.client_key: row.id for row in session.query(Judgement)}
        assert sent.items() <= stored.items()  # what was acknowledged is there
        foreign = {key for key in stored if not key.startswith("key-")} - sends
        assert not foreign  # and nothing that nobody sent
        per_task = Counter(
            session.scalars(select(Assignment.task_id).where(Assignment.state == "submitted")).all()
        )
        assert per_task == dict.fromkeys(session.scalars(select(Task.id)), 3)
        assert session.query(Judgement).count() == 3 * tasks
        assert session.query(Event).filter_by(kind="submitted").count() == 3 * tasks
    with ledger.store.writing.begin() as session:
        assert recount(session) == 0


def test_sixteen_processes_lose_and_double_nothing(ledger: Ledger, store_url: str, tmp_path: Path) -> None:
    run_and_kill(ledger, store_url, tmp_path, tasks=60, kills=4)
    finish(ledger)
    check(ledger, tmp_path, 60)


@pytest.mark.slow
def test_the_same_for_long(ledger: Ledger, store_url: str, tmp_path: Path) -> None:
    run_and_kill(ledger, store_url, tmp_path, tasks=600, kills=40, patience=40)
    finish(ledger)
    check(ledger, tmp_path, 600)


def test_two_windows_of_one_person_hold_the_same_task(ledger: Ledger, store_url: str) -> None:
    ledger.tasks(5, overlap=1)
    anna = ledger.person()
    program = (
        "import sys; from annotate.labelling import reserve; from annotate.store import open_store\n"
        "print(reserve(open_store(sys.argv[1]), int(sys.argv[2]))[0].id)"
    )
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", program, store_url, str(anna.id)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert len({window.communicate(timeout=60)[0] for window in windows}) == 1


def test_opening_one_campaign_twice_at_once_is_one_campaign(ledger: Ledger) -> None:
    assert open_campaign(ledger.store, "law") == open_campaign(ledger.store, "law")


def test_a_long_reader_does_not_stop_the_writers(ledger: Ledger, store_url: str) -> None:
    ledger.tasks(2, overlap=1)
    anna = ledger.person()
    other = open_store(store_url)
    with other.reading() as reader:
        assert reader.execute(text("SELECT count(*) FROM judgements")).scalar() == 0
        ledger.judge(anna, "tie")
        assert len(reserve(ledger.store, anna.id)) == 1
    other.engine.dispose()
