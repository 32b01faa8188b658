"""Write and read tasks of Label Studio as its JSON export holds them, annotations and predictions with them.

People's judgements are annotations, machines' are predictions with their confidence as score. What
Label Studio has no place for stands in `data.pairloop`: the texts as they are (`data.answer_a` is a
page), and the reasons of each assessor. Tasks that were pushed to a project name their pair instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import Element, dumped, read_array, write_array
from annotate.bridges.formats.mappings import entry
from annotate.bridges.label_studio.results import Reading, read_result
from annotate.bridges.label_studio.tasks import shown_order, task_data, verdict_result
from annotate.errors import BridgeError, LabellingError
from annotate.labelling import AnswerView, PairView
from annotate.labelling.ledger.spans import swap_spans
from annotate.labelling.verdicts import swap_aspects, swap_tags, swap_verdict
from annotate.labelling.views import PassageView

_OURS = "pairloop"
_PAIR = (
    "question_id", "question", "language", "answer_a", "answer_b", "passages_a", "passages_b", "model_a",
    "model_b",
)  # fmt: skip
_REASONS = (
    "spans", "confidence", "seconds", "active_seconds", "swapped", "guideline", "channel", "judged_at",
    "fingerprint", "details",
)  # fmt: skip


class LabelStudioJson(Format):
    """Keep judgements by pair, people as annotations and machines as predictions."""

    writes: ClassVar[frozenset[str]] = frozenset({JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write a task a pair; rows of one pair come one after the other."""
        no_columns(self.name, columns)
        pairs = groupby(rows, lambda row: dumped([row[name] for name in _PAIR]))
        return write_array(target, (_task(list(group)) for _, group in pairs))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read every annotation and prediction; cancelled ones and those without a verdict are left out."""
        for element in read_array(source):
            yield from _entries(element, options)


def _task(rows: list[Row]) -> dict[str, Any]:
    pair = rows[0]
    view = PairView(0, pair["question"], pair["language"], _answer(pair, "a"), _answer(pair, "b"))
    shown = task_data(view) | {"pair_id": None}
    reasons = {row["assessor"]: {name: row[name] for name in _REASONS} for row in rows}
    return {
        "data": shown | {_OURS: {name: pair[name] for name in _PAIR} | {"reasons": reasons}},
        "annotations": [_annotation(row) for row in rows if row["kind"] == "person"],
        "predictions": [
            {"model_version": row["assessor"], "score": row["confidence"], "result": _result(row)}
            for row in rows
            if row["kind"] == "machine"
        ],
    }


def _answer(pair: Row, side: str) -> AnswerView:
    passages = tuple(
        PassageView(number, str(one.get("title", "")), str(one.get("text", "")), str(one.get("document", "")))
        for number, one in enumerate(pair[f"passages_{side}"], start=1)
    )
    return AnswerView(pair[f"answer_{side}"], (), passages, refused=False)


def _annotation(row: Row) -> dict[str, Any]:
    return {
        "completed_by": {"email": row["assessor"]},
        "result": _result(row),
        "lead_time": row["seconds"],
        "was_cancelled": False,
        "ground_truth": False,
    }


def _result(row: Row) -> list[dict[str, Any]]:
    """Return a judgement as the parts of a result, under the names of our labelling config."""
    parts = [*verdict_result(row["verdict"])]
    for aspect, side in row["aspects"].items():
        parts.append(_choices(f"aspect_{aspect}", "answer_a", [side]))
    for side, tags in row["tags"].items():
        parts.append(_choices(f"tags_{side.lower()}", f"answer_{side.lower()}", tags))
    if row["comment"]:
        value = {"text": [row["comment"]]}
        parts.append({"from_name": "comment", "to_name": "answer_a", "type": "textarea", "value": value})
    return parts


def _choices(name: str, side: str, chosen: list[str]) -> dict[str, Any]:
    return {"from_name": name, "to_name": side, "type": "choices", "value": {"choices": chosen}}


def _entries(element: Element, options: ReadOptions) -> Iterator[Entry]:
    if element.reason:
        yield Entry(element.line, reason=element.reason)
        return
    try:
        found = list(_judgements(element.value))
    except (BridgeError, LabellingError, KeyError, TypeError, ValueError, AttributeError) as error:
        yield Entry(element.line, reason=f"not a task of Label Studio: {error}")
        return
    for row in found:
        yield entry(element.line, row, options)


def _judgements(task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Read what people said, and what machines said unless the task was pushed: then it is our own."""
    data = task["data"]
    ours = data.get(_OURS) or {}
    reasons = ours.get("reasons") or {}
    pair = {name: ours[name] for name in _PAIR if name in ours} or {"pair": int(data["pair_id"])}
    texts = {"A": ours.get("answer_a", ""), "B": ours.get("answer_b", "")}
    turned = not ours and shown_order(data)
    for annotation in task.get("annotations", []):
        reading = read_result(annotation["result"], texts)
        if reading.verdict and not annotation.get("was_cancelled") and not annotation.get("ground_truth"):
            name = _person(annotation.get("completed_by"))
            known = reasons.get(name)
            said = {"assessor": name if known else f"label-studio:{name}", "kind": "person"}
            seconds = float(annotation.get("lead_time") or 0.0)
            shown = known or {"swapped": turned}
            yield pair | shown | _said(reading, turned) | said | {"seconds": seconds}
    for prediction in task.get("predictions", []) if ours or "order" not in data else []:
        reading = read_result(prediction["result"], texts)
        if reading.verdict:
            name = str(prediction.get("model_version") or "")
            known = reasons.get(name) or {"confidence": prediction.get("score")}
            yield pair | known | _said(reading) | {"assessor": name, "kind": "machine"}


def _said(reading: Reading, turned: bool = False) -> dict[str, Any]:
    """Return a reading in the order of the stored pair."""
    marks = {"spans": swap_spans(reading.spans) if turned else reading.spans} if reading.spans else {}
    return marks | {
        "verdict": swap_verdict(reading.verdict) if turned else reading.verdict,
        "aspects": swap_aspects(reading.aspects) if turned else reading.aspects,
        "tags": swap_tags(reading.tags) if turned else reading.tags,
        "comment": reading.comment,
    }


def _person(completed_by: Any) -> str:
    who = completed_by
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    return str(who)
