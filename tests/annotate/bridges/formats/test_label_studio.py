"""Label Studio's own JSON export, and what we write for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import Entry, ReadOptions, format_named
from annotate.bridges.label_studio.tasks import task_data
from annotate.labelling import AnswerView, PairView

from .conftest import judgement


def read(folder: Path, *tasks: Any) -> list[Entry]:
    file = folder / "export.json"
    file.write_text(json.dumps(list(tasks)), "utf-8")
    return list(format_named("label-studio").read(file, ReadOptions()))


def task(*annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": {"pair_id": 7}, "annotations": list(annotations), **more}


def chosen(verdict: str, **more: Any) -> dict[str, Any]:
    result = [{"from_name": "verdict", "type": "choices", "value": {"choices": [verdict]}}]
    return {"result": result, "completed_by": {"email": "anna@example.org"}, "lead_time": 3.5, **more}


def test_annotations_are_of_people_and_predictions_of_machines(tmp_path: Path) -> None:
    prediction = chosen("B_better") | {"model_version": "rm-3", "score": 0.75}
    person, machine = (
        entry.record for entry in read(tmp_path, task(chosen("tie"), predictions=[prediction]))
    )
    assert person
    assert machine
    assert (person.pair, person.assessor, person.kind) == (7, "label-studio:anna@example.org", "person")
    assert (person.verdict, person.seconds) == ("tie", 3.5)
    assert (machine.assessor, machine.kind, machine.confidence) == ("rm-3", "machine", 0.75)


def test_native_pairwise_is_understood_and_unfinished_work_left_out(tmp_path: Path) -> None:
    pairwise = {"result": [{"type": "pairwise", "value": {"selected": "left"}}], "completed_by": 3}
    found = read(tmp_path, task(pairwise, chosen("tie", was_cancelled=True), chosen("tie", result=[])))
    assert [(one.record.verdict, one.record.assessor) for one in found if one.record] == [
        ("A_better", "label-studio:3")
    ]
    assert len(found) == 1


def test_an_export_of_pushed_tasks_is_turned_back(tmp_path: Path) -> None:
    answer = AnswerView("At nine.", (), (), refused=False)
    shown = task_data(PairView(7, "When?", "en", answer, answer), swapped=True)
    mine = chosen("tie") | {"model_version": "heuristic", "score": 0.9}
    (found,) = read(
        tmp_path,
        {"data": shown, "annotations": [chosen("A_better")], "predictions": [mine]},
        task(chosen("tie", ground_truth=True)),
    )
    assert found.record
    assert (found.record.verdict, found.record.swapped, found.record.kind) == ("B_better", True, "person")


def test_tasks_of_others_are_bad_rows(tmp_path: Path) -> None:
    no_pair, odd, number = read(
        tmp_path, {"data": {}, "annotations": [chosen("tie")]}, task(chosen("great")), 3
    )
    assert "pair_id" in no_pair.reason
    assert "unknown verdict" in odd.reason
    assert number.reason == "not a JSON object"


def test_the_shown_texts_are_pages_and_the_true_ones_beside_them(tmp_path: Path) -> None:
    rows = [
        judgement(answer_a="<b>bold</b>"),
        judgement(answer_a="<b>bold</b>", assessor="m", kind="machine"),
    ]
    export_rows(rows, tmp_path / "out.json", "label-studio", content="judgements")
    (written,) = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert "<b>" not in written["data"]["answer_a"]
    assert written["data"]["pairloop"]["answer_a"] == "<b>bold</b>"
    assert (len(written["annotations"]), len(written["predictions"])) == (1, 1)
    assert written["predictions"][0]["model_version"] == "m"
