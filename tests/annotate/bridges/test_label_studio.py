from __future__ import annotations

import json
from pathlib import Path

import pytest
from label_studio_sdk.label_interface import LabelInterface

from annotate.bridges.label_studio import export_tasks, labelling_config, read_annotations
from annotate.errors import BridgeError
from annotate.labelling.views import AnswerView, PairView, PassageView

ANSWER = AnswerView(
    "It <b>opens</b> at nine [1].", (), (PassageView(1, "One", "Opens at <nine>.", "d:1"),), False
)
PAIR = PairView(7, "When?", "en", ANSWER, ANSWER)


def annotation(result: list[dict[str, object]], **more: object) -> dict[str, object]:
    return {"result": result, "completed_by": {"email": "anna@example.org"}, "lead_time": 12.5, **more}


def write(path: Path, *annotations: dict[str, object]) -> Path:
    file = path / "export.json"
    file.write_text(json.dumps([{"data": {"pair_id": 7}, "annotations": list(annotations)}]), "utf-8")
    return file


def test_tasks_fit_the_config_and_escape_what_is_foreign(tmp_path: Path) -> None:
    assert export_tasks([PAIR], tmp_path) == 1
    (task,) = json.loads((tmp_path / "tasks.json").read_text("utf-8"))
    LabelInterface(labelling_config()).validate_task(task)
    assert "<b>opens</b>" not in task["data"]["answer_a"]
    assert "&lt;nine&gt;" in task["data"]["answer_a"]


def test_verdicts_come_back_with_who_gave_them(tmp_path: Path) -> None:
    choice = {"from_name": "verdict", "type": "choices", "value": {"choices": ["both_bad"]}}
    comment = {"from_name": "comment", "type": "textarea", "value": {"text": ["neither cites"]}}
    (found,) = read_annotations(write(tmp_path, annotation([choice, comment])))
    assert (found.pair_id, found.assessor, found.verdict) == (7, "label-studio:anna@example.org", "both_bad")
    assert (found.comment, found.seconds) == ("neither cites", 12.5)


def test_native_pairwise_is_understood_and_cancelled_work_left_out(tmp_path: Path) -> None:
    right = {"from_name": "pw", "type": "pairwise", "value": {"selected": "right"}}
    (found,) = read_annotations(
        write(tmp_path, annotation([right]), annotation([right], was_cancelled=True), annotation([]))
    )
    assert found.verdict == "B_better"


@pytest.mark.parametrize("text", ["", "{}", '[{"annotations": [{"result": [{}]}]}]', "[1]"])
def test_another_file_is_refused_with_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(text, "utf-8")
    with pytest.raises(BridgeError, match="not a Label Studio JSON export") as caught:
        read_annotations(file)
    assert "\n" not in str(caught.value)
