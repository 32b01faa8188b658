"""Tasks: chosen pairs, in batches, each once."""

from annotate.labelling import ChosenPair, create_tasks
from annotate.store import Task
from tests.annotate.conftest import Ledger


def test_pairs_become_tasks_once_in_numbered_batches(ledger: Ledger) -> None:
    pairs = [ledger.pair() for _ in range(3)]
    chosen = ChosenPair(pairs[0], 2.5, audit=True, chosen_by={"strategy": "entropy"})
    assert create_tasks(ledger.store, [chosen, ChosenPair(pairs[1])], overlap=2) == 2
    assert create_tasks(ledger.store, [ChosenPair(pairs[1], 9.0), ChosenPair(pairs[2])], overlap=3) == 1
    with ledger.store.reading() as session:
        found = {task.pair_id: task for task in session.query(Task)}
    assert [(found[pair].batch, found[pair].overlap) for pair in pairs] == [(1, 2), (1, 2), (2, 3)]
    assert (found[pairs[0]].priority, found[pairs[0]].audit) == (2.5, True)
    assert found[pairs[0]].chosen_by == {"strategy": "entropy"}
    assert found[pairs[1]].priority == 0.0


def test_nothing_chosen_makes_nothing(ledger: Ledger) -> None:
    assert create_tasks(ledger.store, [], overlap=2) == 0


def test_a_pair_chosen_twice_is_one_task(ledger: Ledger) -> None:
    pair = ledger.pair()
    assert create_tasks(ledger.store, [ChosenPair(pair), ChosenPair(pair)], overlap=2) == 1
