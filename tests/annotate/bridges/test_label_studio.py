from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_studio_sdk.label_interface import LabelInterface

from annotate.bridges.label_studio import export_tasks, labelling_config
from annotate.bridges.label_studio.config import DATA_FIELDS, check_config
from annotate.bridges.label_studio.results import read_result
from annotate.bridges.label_studio.tasks import (
    drawn_order,
    instruction,
    shown_order,
    task_data,
    verdict_result,
)
from annotate.errors import BridgeError, VerdictError
from annotate.labelling.views import AnswerView, PairView, PassageView

ANSWER = AnswerView(
    "It <b>opens</b> at nine [1].", (), (PassageView(1, "One", "Opens at <nine>.", "d:1"),), False
)
PAIR = PairView(7, "When?", "en", ANSWER, ANSWER)


def test_tasks_fit_the_config_and_escape_what_is_foreign(tmp_path: Path) -> None:
    assert export_tasks([PAIR], tmp_path) == 1
    (task,) = json.loads((tmp_path / "tasks.json").read_text("utf-8"))
    LabelInterface(labelling_config()).validate_task(task)
    assert "<b>opens</b>" not in task["data"]["answer_a"]
    assert "&lt;nine&gt;" in task["data"]["passages_a"]
    assert set(task["data"]) == set(DATA_FIELDS)


def test_no_task_is_a_file_too(tmp_path: Path) -> None:
    assert export_tasks([], tmp_path) == 0
    assert json.loads((tmp_path / "tasks.json").read_text("utf-8")) == []


def test_predictions_fit_the_config() -> None:
    check_config(labelling_config(), "ours")
    interface = LabelInterface(labelling_config())
    for verdict in ("A_much_better", "both_bad"):
        prediction = {"model_version": "m", "score": 0.5, "result": verdict_result(verdict)}
        assert interface.validate_prediction(prediction, return_errors=True) == []
        assert read_result(verdict_result(verdict)).verdict == verdict


@pytest.mark.parametrize("config", ["", "<View>", "<!DOCTYPE x [<!ENTITY a 'b'>]><View>&a;</View>"])
def test_a_config_that_is_no_config_is_refused(config: str) -> None:
    with pytest.raises(BridgeError, match="cannot be read"):
        check_config(config, "project 3")


def mark(answer: str, start: int, end: int, **more: object) -> list[dict[str, object]]:
    """Write a mark on characters of a text as the browser does: it counts UTF-16 units."""
    units = len(answer[:start].encode("utf-16-le")) // 2, len(answer[:end].encode("utf-16-le")) // 2
    value = {"startOffset": units[0], "endOffset": units[1], "hypertextlabels": ["unsafe"], **more}
    return [{"from_name": "spans_b", "to_name": "answer_b", "type": "hypertextlabels", "value": value}]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=2), st.data())
def test_marks_count_characters_whatever_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    reading = read_result(mark(text, start, end, text=text[start:end]), {"B": text})
    assert reading.spans == [{"side": "B", "start": start, "end": end, "kind": "unsafe"}]


def test_what_the_server_says_was_marked_decides() -> None:
    text = "one two three"
    counted = {"globalOffsets": {"start": 4, "end": 7}}
    assert read_result(mark(text, 0, 3, text="two", **counted), {"B": text}).spans[0]["start"] == 4
    assert read_result(mark(text, 0, 3, text="three"), {"B": text}).spans[0]["start"] == 8
    lost = read_result(mark(text, 0, 3, text="four"), {"B": text})
    assert (lost.spans, lost.unplaced) == ([], [{"side": "B", "kind": "unsafe", "text": "four"}])


@pytest.mark.parametrize(
    "result",
    [
        7,
        [1],
        [{}],
        [{"type": "pairwise", "value": {"selected": "up"}}],
        [{"from_name": "tags_c", "value": {}}],
    ],
)
def test_a_malformed_result_is_one_line(result: object) -> None:
    with pytest.raises(BridgeError, match="malformed annotation"):
        read_result(result)


def test_a_verdict_that_does_not_exist_is_refused() -> None:
    with pytest.raises(VerdictError, match="unknown verdict"):
        read_result(verdict_result("C_better"))
    odd = [{"from_name": "aspect_charm", "type": "choices", "value": {"choices": ["A"]}}]
    with pytest.raises(VerdictError, match="charm"):
        read_result(odd)


def test_the_order_is_drawn_by_the_seed_and_balanced() -> None:
    orders = {seed: [drawn_order(seed, task) for task in range(2, 402)] for seed in (0, 1)}
    assert orders[0] != orders[1]
    assert all(Counter(drawn) == {True: 200, False: 200} for drawn in orders.values())
    neighbours = Counter(zip(orders[0][::2], orders[0][2::2], strict=False))
    assert min(neighbours.values()) > 20  # the order of a task does not tell that of the next pair


def test_data_tell_nothing_of_where_an_answer_comes_from() -> None:
    data = task_data(PAIR, 3)
    assert data["cluster"] == 3
    assert data["answer_a"] == data["answer_b"]


def test_the_instruction_is_escaped() -> None:
    assert instruction({"errors": "a < b"}) == (
        '<h3>errors</h3><div style="white-space: pre-wrap">a &lt; b</div>'
    )


def test_the_data_name_the_order_they_show() -> None:
    assert shown_order(task_data(PAIR, swapped=True)) is True
    assert shown_order(task_data(PAIR)) is False
    assert shown_order({"pair_id": 7}) is False


def test_a_marked_line_break_is_understood() -> None:
    answer = "first\nsecond\nfirst"
    reading = read_result(mark(answer, 0, 12, text="first\\nsecond"), {"B": answer})
    assert reading.spans[0]["end"] == 12
