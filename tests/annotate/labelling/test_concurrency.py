"""Several programs at one ledger: never more judgements than wanted, and no errors."""

import subprocess
import sys

from sqlalchemy import text

from annotate.labelling import reserve
from annotate.store import Judgement, open_store
from tests.annotate.conftest import Ledger

ASSESSOR = """
import sys
from annotate.errors import NothingToLabel
from annotate.labelling import Submission, reserve, submit
from annotate.store import open_store

url, assessor, guideline = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = open_store(url)
while True:
    try:
        held = reserve(store, assessor, count=2)
    except NothingToLabel:
        break
    for view in held:
        submit(store, view.id, assessor, Submission(f"{assessor}-{view.id}", "tie", guideline, "test"))
"""
TASKS, OVERLAP, ASSESSORS = 40, 2, 4


def test_four_assessors_at_once_fill_every_task_and_overfill_none(ledger: Ledger, store_url: str) -> None:
    ledger.tasks(TASKS, overlap=OVERLAP)
    people = [ledger.person(f"person {n}") for n in range(ASSESSORS)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ASSESSOR, store_url, str(one.id), str(ledger.guideline.id)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for one in people
    ]
    assert [child.communicate(timeout=120)[1] for child in running] == [""] * ASSESSORS
    with ledger.store.reading() as session:
        held = session.execute(text("SELECT count(*) FROM assignments GROUP BY task_id")).scalars().all()
        assert held == [OVERLAP] * TASKS
        assert session.query(Judgement).count() == TASKS * OVERLAP


def test_a_long_reader_does_not_stop_the_writers(ledger: Ledger, store_url: str) -> None:
    ledger.tasks(2, overlap=1)
    anna = ledger.person()
    other = open_store(store_url)
    with other.reading() as reader:
        assert reader.query(Judgement).count() == 0
        ledger.judge(anna, "tie")
        assert len(reserve(ledger.store, anna.id)) == 1
    other.engine.dispose()
