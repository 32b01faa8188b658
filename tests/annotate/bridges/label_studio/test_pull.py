from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from annotate.bridges.label_studio.tasks import verdict_result
from annotate.labelling import reserve, submit
from annotate.store import Assignment, Judgement, Task
from annotate.store.ledger import SUBMITTED

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def bridge(sqlite_ledger: Any, make_bridge: Callable) -> Any:
    sqlite_ledger.tasks(2, overlap=2)
    made = make_bridge(sqlite_ledger)
    made.push()
    return made


def counting(bridge: Any) -> list[str]:
    """Return the verdicts that count: the last of each submitted assignment, in the order of display."""
    with bridge.store.reading() as session:
        rows = session.execute(
            select(Judgement, Assignment)
            .join(Assignment, Assignment.id == Judgement.assignment_id)
            .where(Assignment.state == SUBMITTED)
            .order_by(Judgement.id)
        ).all()
        return list({held.id: judgement.verdict for judgement, held in rows}.values())


def held(bridge: Any) -> int:
    with bridge.store.reading() as session:
        return sum(session.scalars(select(Task.people_places)))


def test_changes_amend_and_deletions_withdraw(bridge: Any, remote: Any) -> None:
    row = remote.tasks(bridge.project)[0]
    annotation = remote.judge(row["id"], "tie")
    assert bridge.pull().recorded == 1
    remote.change(annotation, result=verdict_result("both_bad"))
    assert bridge.pull().amended == 1
    assert counting(bridge) == ["both_bad"]
    again = bridge.pull()
    assert (again.recorded, again.amended, again.unchanged) == (0, 0, 1)
    remote.delete(annotation)
    assert bridge.pull().withdrawn == 1
    assert counting(bridge) == []
    assert [judgement.verdict for judgement in bridge.judgements()] == ["tie", "both_bad"]
    assert held(bridge) == 4
    remote.judge(row["id"], "tie")
    assert bridge.pull().recorded == 1
    assert counting(bridge) == ["tie"]


def test_what_is_passed_on_is_a_skip_until_it_is_taken_up_again(bridge: Any, remote: Any) -> None:
    row = remote.tasks(bridge.project)[0]
    annotation = remote.judge(row["id"], "tie", was_cancelled=True)
    assert bridge.pull().skipped == 1
    assert (counting(bridge), held(bridge)) == ([], 4)
    remote.change(annotation, was_cancelled=False)
    report = bridge.pull()
    assert (report.recorded, report.refused) == (1, [])
    assert (counting(bridge), held(bridge)) == (["tie"], 4)


def test_a_pair_judged_here_is_not_judged_there_by_the_same_person(
    sqlite_ledger: Any, make_bridge: Callable, remote: Any
) -> None:
    sqlite_ledger.tasks(1, overlap=3)
    anna = sqlite_ledger.person("anna")
    [mine] = reserve(sqlite_ledger.store, anna.id)
    submit(sqlite_ledger.store, mine.id, anna.id, sqlite_ledger.says("tie"))
    bridge = make_bridge(sqlite_ledger, people={"Anna@example.org": "anna"})
    bridge.push()
    [row] = remote.tasks(bridge.project)
    assert row["overlap"] == 2
    remote.judge(row["id"], "both_bad")
    report = bridge.pull()
    assert report.recorded == 0
    assert "judged pair" in report.refused[0]
    assert len(bridge.judgements()) == 1


def test_a_name_of_a_machine_is_never_taken_for_a_person(
    bridge: Any, remote: Any, sqlite_ledger: Any
) -> None:
    sqlite_ledger.machine("label-studio:anna@example.org")
    remote.judge(remote.tasks(bridge.project)[0]["id"], "tie")
    report = bridge.pull()
    assert "is a machine" in report.refused[0]
    assert bridge.judgements() == []


def test_reasons_and_marks_come_back(bridge: Any, remote: Any) -> None:
    row = remote.tasks(bridge.project)[0]
    text = "second answer" if "second" in row["data"]["answer_a"] else "first answer"
    result = [
        *verdict_result("A_better"),
        {"from_name": "aspect_safety", "to_name": "answer_a", "type": "choices", "value": {"choices": ["B"]}},
        {"from_name": "tags_b", "to_name": "answer_b", "type": "choices",
         "value": {"choices": ["loop", "dry"]}},
        {"from_name": "comment", "to_name": "answer_a", "type": "textarea", "value": {"text": ["Свежее"]}},
        {"id": "m", "from_name": "spans_a", "to_name": "answer_a", "type": "hypertextlabels", "value": {
            "start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": len(text),
            "text": text, "hypertextlabels": ["unsupported"]}},
    ]  # fmt: skip
    remote.judge(row["id"], "tie", result=result)
    assert bridge.pull().refused == []
    [judgement] = bridge.judgements()
    swapped = text.startswith("second")
    assert judgement.verdict == ("B_better" if swapped else "A_better")
    assert judgement.aspects == {"safety": "A" if swapped else "B"}
    assert judgement.tags == {"A" if swapped else "B": ["loop", "dry"]}
    assert judgement.comment == "Свежее"
    assert judgement.spans == [
        {"side": "B" if swapped else "A", "start": 0, "end": len(text), "kind": "unsupported"}
    ]


def test_a_malformed_annotation_is_named_and_the_rest_taken(bridge: Any, remote: Any) -> None:
    first, second = remote.tasks(bridge.project)
    remote.judge(first["id"], "tie", result=[])
    remote.judge(second["id"], "tie")
    report = bridge.pull()
    assert report.recorded == 1
    assert "no verdict" in report.refused[0]
