"""Take judgements in and read them back on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from annotate.bridges.formats import JudgementRecord
from annotate.jobs.exchange import judgements
from annotate.jobs.exchange.incoming import Incoming
from annotate.jobs.exchange.intake import Source, Taken, take_in
from annotate.jobs.exchange.judgements import judgement_rows
from annotate.labelling import ChosenPair, adopt_guidelines, create_tasks, register, release, reserve_pair
from annotate.store import Assignment, Event, Judgement, Pair, Store, Task

from .conftest import vote


def bring(store: Store, guidelines: Path, *rows: dict[str, Any]) -> Taken:
    source = Source("in.jsonl", "jsonl", adopt_guidelines(store, guidelines).id)
    items = [Incoming(f"in.jsonl:{n}", n, JudgementRecord(**row)) for n, row in enumerate(rows, start=1)]
    with store.writing.begin() as session:
        return take_in(session, items, source)


def test_what_is_taken_in_comes_back_row_by_row(
    store: Store, guidelines_folder: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(judgements, "BATCH", 7)  # several batches of the cursor, cut inside a pair
    rows = [vote(n // 3, ("tie", "A_better", "both_bad")[n % 3], f"w{n % 3}") for n in range(50)]
    assert bring(store, guidelines_folder, *rows) == Taken(50, 0, [])
    found = list(judgement_rows(store))
    assert [{name: row[name] for name in rows[0]} for row in found] == rows
    assert bring(store, guidelines_folder, *rows) == Taken(0, 50, [])


def test_places_events_and_assignments_are_in_step(store: Store, guidelines_folder: Path) -> None:
    bring(store, guidelines_folder, vote(1), vote(1, assessor="b"), vote(1, assessor="m", kind="machine"))
    with store.reading() as session:
        task = session.scalars(select(Task)).one()
        assert (task.people_places, task.machine_places) == (2, 1)
        assert (task.open_to_people, task.open_to_machines) == (False, False)
        assert list(session.scalars(select(Assignment.state))) == ["submitted"] * 3
        assert session.scalar(select(func.count(Event.id)).where(Event.kind == "submitted")) == 3


def test_a_pair_that_was_given_back_may_still_be_judged_elsewhere(
    store: Store, guidelines_folder: Path
) -> None:
    bring(store, guidelines_folder, vote(1))
    with store.reading() as session:
        pair = session.scalars(select(Pair.id)).one()
    boris = register(store, "boris", "person")
    held = reserve_pair(store, pair, boris.id)
    refused = bring(store, guidelines_folder, vote(1, assessor="boris"))
    assert "boris has this pair on the desk" in refused.refused[0]
    release(store, held.id, boris.id)
    assert bring(store, guidelines_folder, vote(1, assessor="boris")).recorded == 1
    with store.reading() as session:
        assert session.scalars(select(Task.people_places)).one() == 2
        assert session.scalar(select(func.count(Judgement.id))) == 2


def test_controls_take_no_judgements_from_files(store: Store, guidelines_folder: Path) -> None:
    bring(store, guidelines_folder, vote(1))
    with store.writing.begin() as session:
        session.scalars(select(Task)).one().pool = "gold"
    taken = bring(store, guidelines_folder, vote(1, assessor="boris"))
    assert "is a control of the pool gold" in taken.refused[0]
    assert list(judgement_rows(store)) == []


def test_tasks_that_wait_here_count_what_comes_from_elsewhere(store: Store, guidelines_folder: Path) -> None:
    bring(store, guidelines_folder, vote(1))
    with store.writing.begin() as session:
        task = session.scalars(select(Task)).one()
        task.overlap, task.max_overlap, task.open_to_people = 2, 2, True
    bring(store, guidelines_folder, vote(1, assessor="boris"))
    with store.reading() as session:
        assert session.scalars(select(Task.open_to_people)).one() is False
    assert create_tasks(store, [ChosenPair(1)], overlap=3) == 0
