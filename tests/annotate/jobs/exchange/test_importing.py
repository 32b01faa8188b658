from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from annotate.bridges.formats import ReadOptions
from annotate.errors import BridgeError, NothingToLabel
from annotate.jobs.context import Context
from annotate.jobs.exchange import importing
from annotate.jobs.exchange.exporting import all_rows
from annotate.jobs.exchange.importing import import_file
from annotate.labelling import ChosenPair, create_tasks, register, reserve, reserve_pair
from annotate.store import (
    AnswerRecord,
    Assessor,
    Assignment,
    Campaign,
    ContenderRecord,
    Event,
    Judgement,
    Pair,
    Preference,
    Question,
    Task,
)

from .conftest import Workspaces, vote, write_votes

TABLES = (Question, ContenderRecord, AnswerRecord, Pair, Task, Assessor, Assignment, Judgement, Event)


def counts(context: Context) -> list[int]:
    with context.store.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def rows_of(context: Context) -> list[dict[str, Any]]:
    return [dict(row) for row in all_rows(context, "judgements")]


def test_the_same_file_twice_changes_nothing(ledger: Context, tmp_path: Path) -> None:
    file = write_votes(tmp_path / "in.jsonl", [vote(n % 7, "tie", f"w{n % 3}") for n in range(21)])
    first = import_file(ledger, "jsonl", file)
    before = counts(ledger)
    again = import_file(ledger, "jsonl", file)
    assert (first.recorded, first.known, first.bad) == (21, 0, 0)
    assert (again.recorded, again.known, again.bad) == (0, 21, 0)
    assert counts(ledger) == before


def test_bad_rows_are_named_and_the_rest_recorded(ledger: Context, tmp_path: Path) -> None:
    rows = [
        vote(1),
        "{nope",
        vote(2, "great"),
        vote(3, kind=""),
        vote(1, assessor="boris"),
        vote(4, answer_b=""),
    ]
    file = write_votes(tmp_path / "in.jsonl", rows)
    summary = import_file(ledger, "jsonl", file)
    assert (summary.recorded, summary.bad) == (2, 4)
    assert [reason.removeprefix(f"{file}:")[0] for reason in summary.reasons] == ["2", "3", "4", "6"]
    assert "unknown verdict 'great'" in summary.reasons[1]
    assert "person or a machine" in summary.reasons[2]


@pytest.mark.parametrize("last", ["{nope", vote(1, "B_better")])
def test_a_strict_import_is_all_or_nothing(ledger: Context, tmp_path: Path, last: Any) -> None:
    """The first kind of bad row shows when the file is read, the second when the ledger is written."""
    file = write_votes(tmp_path / "in.jsonl", [*(vote(n) for n in range(1200)), last])
    _ = ledger.guideline
    before = counts(ledger)
    with pytest.raises(BridgeError, match=r"in\.jsonl:1201: .*nothing was recorded"):
        import_file(ledger, "jsonl", file, strict=True)
    assert counts(ledger) == before
    write_votes(file, [vote(n) for n in range(3)])
    assert import_file(ledger, "jsonl", file, strict=True).recorded == 3


def test_an_import_that_was_cut_off_goes_on(
    ledger: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    file = write_votes(tmp_path / "in.jsonl", [vote(n) for n in range(35)])

    class Interrupted:
        def track(self, label: str) -> Interrupted:
            return self

        def __enter__(self) -> Any:
            def progress(done: int, total: int) -> None:
                if done == 20:
                    raise KeyboardInterrupt

            return progress

        def __exit__(self, *error: object) -> None: ...

    with pytest.raises(KeyboardInterrupt):
        import_file(ledger, "jsonl", file, reporter=Interrupted())
    assert counts(ledger)[TABLES.index(Judgement)] == 10, "the batch that was cut off is gone whole"
    summary = import_file(ledger, "jsonl", file)
    assert (summary.recorded, summary.known) == (25, 10)
    assert len(rows_of(ledger)) == 35


def test_another_verdict_of_the_same_assessor_is_refused_and_the_first_stays(
    ledger: Context, tmp_path: Path
) -> None:
    import_file(ledger, "jsonl", write_votes(tmp_path / "a.jsonl", [vote(1, "tie")]))
    summary = import_file(ledger, "jsonl", write_votes(tmp_path / "b.jsonl", [vote(1, "B_better")]))
    assert summary.recorded == 0
    assert "judged this pair before, as tie" in summary.reasons[0]
    assert [row["verdict"] for row in rows_of(ledger)] == ["tie"]


def test_a_pair_in_the_other_order_is_the_same_pair(ledger: Context, tmp_path: Path) -> None:
    marks = {"aspects": {"safety": "B"}, "spans": [{"side": "B", "start": 0, "end": 2, "kind": "unsafe"}]}
    turned = vote(1, "B_much_better", "boris", answer_a="Nobody knows.", answer_b="It is 1.", **marks)
    import_file(ledger, "jsonl", write_votes(tmp_path / "a.jsonl", [vote(1, "A_better"), turned]))
    anna, boris = rows_of(ledger)
    assert (anna["answer_a"], boris["answer_a"]) == ("It is 1.", "It is 1.")
    assert (boris["verdict"], boris["aspects"], boris["spans"][0]["side"]) == (
        "A_much_better",
        {"safety": "A"},
        "A",
    )
    assert (anna["swapped"], boris["swapped"]) == (False, True)


def test_where_a_judgement_came_from_is_kept(ledger: Context, tmp_path: Path) -> None:
    row = vote(1, guideline="hash of others", judged_at="2024-05-06", channel="toloka", details={"x": 1})
    import_file(ledger, "jsonl", write_votes(tmp_path / "from.jsonl", ["", row]))
    with ledger.store.reading() as session:
        judgement = session.scalars(select(Judgement)).one()
        event = session.scalars(select(Event).where(Event.kind == "submitted")).one()
        assert judgement.channel == "import:jsonl"
        assert judgement.guideline_id == ledger.guideline.id
        assert judgement.details == {
            "x": 1,
            "source": {
                "file": "from.jsonl", "line": 2, "guideline": "hash of others", "channel": "toloka",
                "judged_at": "2024-05-06",
            },
        }  # fmt: skip
        assert event.details["file"] == "from.jsonl"
    (exported,) = rows_of(ledger)
    assert (exported["guideline"], exported["channel"], exported["details"]) == (
        "hash of others",
        "toloka",
        {"x": 1},
    )


def test_people_stay_people_and_machines_machines(ledger: Context, tmp_path: Path) -> None:
    register(ledger.store, "judge", "machine", fingerprint="ours")
    rows = [
        vote(1, assessor="judge"),
        vote(2, assessor="judge", kind="machine", fingerprint="theirs"),
        vote(3, assessor="judge", kind="machine", fingerprint="ours"),
        vote(4, assessor="judge", kind="machine"),
    ]
    summary = import_file(ledger, "jsonl", write_votes(tmp_path / "in.jsonl", rows))
    assert summary.recorded == 3
    assert "judge is a machine here, not a person" in summary.reasons[0]
    names = [row["assessor"] for row in rows_of(ledger)]
    assert names[0].startswith("judge-")
    assert names[1:] == ["judge", "judge"]


def test_imported_pairs_wait_for_nobody_until_their_campaign_is_opened(
    ledger: Context, tmp_path: Path
) -> None:
    import_file(ledger, "jsonl", write_votes(tmp_path / "in.jsonl", [vote(1), vote(2)]))
    with ledger.store.reading() as session:
        assert session.scalars(select(Campaign.state).where(Campaign.name == "imported")).one() == "closed"
        tasks = session.scalars(select(Task)).all()
        assert [(task.people_places, task.machine_places, task.open_to_people) for task in tasks] == [
            (1, 0, False),
            (1, 0, False),
        ]
    boris = register(ledger.store, "boris", "person")
    with pytest.raises(NothingToLabel):
        reserve(ledger.store, boris.id)


def test_judgements_on_pairs_of_this_workspace_need_their_number_only(
    context: Context, pairs: list[int], tmp_path: Path
) -> None:
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs[:2]], overlap=2)
    boris = register(context.store, "boris", "person")
    reserve_pair(context.store, pairs[1], boris.id)
    rows = [
        {"pair": pairs[0], "assessor": "anna", "verdict": "tie"},
        {"pair": pairs[1], "assessor": "boris", "verdict": "tie"},
        {"pair": 999, "assessor": "anna", "verdict": "tie"},
    ]
    summary = import_file(context, "judgements", write_votes(tmp_path / "in.jsonl", rows))
    assert summary.recorded == 1
    assert "boris has this pair on the desk" in summary.reasons[0]
    assert "no pair 999" in summary.reasons[1]
    with context.store.reading() as session:
        task = session.scalars(select(Task).where(Task.pair_id == pairs[0])).one()
        assert (task.people_places, task.open_to_people, task.overlap) == (1, True, 2)


def test_two_answers_of_one_model_to_one_question_are_kept_apart(ledger: Context, tmp_path: Path) -> None:
    rows = [
        vote(1, model_a="gpt", model_b="gpt"),
        vote(1, model_a="gpt", model_b="gpt", answer_a="It is one.", assessor="boris"),
        vote(2, model_a="gpt", model_b=""),
    ]
    import_file(ledger, "jsonl", write_votes(tmp_path / "in.jsonl", rows))
    assert [row["model_a"] for row in rows_of(ledger)] == ["gpt", "gpt", "gpt"]
    with ledger.store.reading() as session:
        assert session.scalar(select(func.count(AnswerRecord.id))) == 5
        assert session.scalar(select(func.count(ContenderRecord.id))) == 4
        assert session.scalar(select(func.count(Pair.id))) == 3


def test_a_question_of_another_text_is_refused(ledger: Context, tmp_path: Path) -> None:
    rows = [vote(1), vote(1, question="Something else?", assessor="boris")]
    summary = import_file(ledger, "jsonl", write_votes(tmp_path / "in.jsonl", rows))
    assert "question q1 has another text" in summary.reasons[0]


def test_preferences_follow_and_an_empty_file_is_said(ledger: Context, tmp_path: Path) -> None:
    import_file(ledger, "jsonl", write_votes(tmp_path / "in.jsonl", [vote(1), vote(2, "tie")]))
    with ledger.store.reading() as session:
        assert sorted(session.scalars(select(Preference.verdict))) == ["A_better", "tie"]
    with pytest.raises(BridgeError, match="no judgement in this file"):
        import_file(ledger, "jsonl", write_votes(tmp_path / "empty.jsonl", [""]))
    with pytest.raises(BridgeError, match="no such file"):
        import_file(ledger, "jsonl", tmp_path / "nothing")
    with pytest.raises(BridgeError, match="unknown format xml"):
        import_file(ledger, "xml", tmp_path / "nothing")


@pytest.mark.parametrize("form", ["csv", "jsonl", "argilla", "datasets", "label-studio"])
def test_judgements_are_the_same_in_a_fresh_workspace(
    workspaces: Workspaces, tmp_path: Path, form: str
) -> None:
    from annotate.jobs.exchange.exporting import export

    awkward = {"question": "Почему «так»?\nПравда?", "answer_a": '=1;"да"', "language": "ru"}
    rows = [
        vote(1, comment="x,\r\ny", **awkward),
        vote(1, assessor="m", confidence=0.5, **(awkward | {"kind": "machine"})),
        vote(2, passages_a=[{"title": "T", "text": "P [1]", "document": "d"}], model_a="one", model_b="two"),
        vote(3, "both_bad", tags={"A": ["dry"]}, aspects={"safety": "tie"}, seconds=2.5, active_seconds=1.5),
    ]  # fmt: skip
    one, two = workspaces("one"), workspaces("two")
    import_file(one, "jsonl", write_votes(tmp_path / "in.jsonl", rows))
    export(one, form, tmp_path / "first", content="judgements")
    assert import_file(two, form, tmp_path / "first").recorded == 4
    assert rows_of(two) == rows_of(one)
    assert import_file(one, form, tmp_path / "first").known == 4, "what came from here is known here"


@pytest.mark.parametrize("form", ["trl", "trl-implicit", "trl-standard", "kto", "kto-standard", "reward"])
def test_preferences_are_the_same_in_a_fresh_workspace(
    workspaces: Workspaces, tmp_path: Path, form: str
) -> None:
    from annotate.jobs.exchange.exporting import export

    passages = [{"title": "T", "text": "It says so.", "document": "d"}]
    votes = [
        vote(n, ("A_better", "B_much_better", "tie")[n % 3], passages_a=passages[: n % 2]) for n in range(9)
    ]
    one, two = workspaces("one"), workspaces("two")
    import_file(one, "jsonl", write_votes(tmp_path / "in.jsonl", votes))
    export(one, form, tmp_path / "first")
    options = ReadOptions(assessor="team", kind="person")
    assert import_file(two, form, tmp_path / "first", options).bad == 0
    export(two, form, tmp_path / "second")
    assert (tmp_path / "second").read_text("utf-8") == (tmp_path / "first").read_text("utf-8")
