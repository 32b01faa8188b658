from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from annotate.errors import NothingToLabel
from annotate.labelling import reserve
from annotate.labelling.verdicts import swap_verdict
from annotate.store import Assessor, Assignment, LinkedTask, Task

pytestmark = pytest.mark.timeout(300)


def places(ledger: Any) -> dict[int, int]:
    with ledger.store.reading() as session:
        return dict(session.execute(select(Task.id, Task.people_places)).all())


def test_a_judgement_comes_back_with_who_gave_it(ledger: Any, make_bridge: Callable, remote: Any) -> None:
    pairs = ledger.tasks(4, overlap=2)
    bridge = make_bridge(ledger)
    assert bridge.push().pushed == 4
    rows = {row["data"]["pair_id"]: row for row in remote.tasks(bridge.project)}
    assert set(rows) == set(pairs)
    remote.judge(rows[pairs[0]]["id"], "A_much_better")
    remote.judge(rows[pairs[0]]["id"], "tie", "bob@example.org")
    report = bridge.pull()
    assert (report.recorded, report.refused) == (2, [])
    with ledger.store.reading() as session:
        linked = session.query(LinkedTask).filter_by(remote_id=rows[pairs[0]]["id"]).one()
        names = set(session.scalars(select(Assessor.name).where(Assessor.state == "active")))
        swapped = linked.swapped
    first, second = sorted(bridge.judgements(), key=lambda judgement: judgement.verdict)
    assert first.verdict == (swap_verdict("A_much_better") if swapped else "A_much_better")
    assert (second.verdict, second.seconds, second.channel) == ("tie", 7.5, "label-studio")
    assert names == {"label-studio:anna@example.org", "label-studio:bob@example.org"}


def test_both_orders_are_shown_equally_often(sqlite_ledger: Any, make_bridge: Callable, remote: Any) -> None:
    sqlite_ledger.tasks(20)
    bridge = make_bridge(sqlite_ledger)
    bridge.push()
    shown = Counter("second" in row["data"]["answer_a"] for row in remote.tasks(bridge.project))
    assert shown == {True: 10, False: 10}


def test_what_is_pushed_is_not_given_out_here(sqlite_ledger: Any, make_bridge: Callable, remote: Any) -> None:
    sqlite_ledger.tasks(1, overlap=2)
    bridge = make_bridge(sqlite_ledger)
    bridge.push()
    carl = sqlite_ledger.person("carl")
    with pytest.raises(NothingToLabel):
        reserve(sqlite_ledger.store, carl.id)
    [row] = remote.tasks(bridge.project)
    remote.judge(row["id"], "tie")
    bridge.pull()
    assert list(places(sqlite_ledger).values()) == [2]
    remote.call("DELETE", f"/api/tasks/{row['id']}/")
    report = bridge.pull()
    assert (report.tasks_gone, report.withdrawn) == (1, 0)
    assert len(reserve(sqlite_ledger.store, carl.id)) == 1
    with sqlite_ledger.store.reading() as session:
        states = Counter(session.scalars(select(Assignment.state)))
    assert states == {"submitted": 1, "released": 2, "reserved": 1}
