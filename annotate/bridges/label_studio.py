"""Exchange files with Label Studio: tasks and a labelling config out, annotations in.

The verdict is a `Choices` control, not `Pairwise`, which knows neither ties nor hotkeys;
annotations made with `Pairwise` can be read all the same.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from annotate.bridges.imports import OutsideJudgement
from annotate.errors import BridgeError
from annotate.labelling import VERDICTS, PairView
from annotate.labelling.views import AnswerView

HOTKEYS = dict(zip(VERDICTS, ("1", "2", "3", "4", "5", "0"), strict=True))
PAIRWISE = {"left": "A_better", "right": "B_better"}


def labelling_config() -> str:
    """Return the labelling config; it is checked with label-studio-sdk where that is installed."""
    choices = "\n".join(
        f'    <Choice value="{verdict}" hotkey="{HOTKEYS[verdict]}"/>' for verdict in VERDICTS
    )
    config = f"""<View>
  <Header value="$question"/>
  <View style="display: grid; grid-template-columns: 1fr 1fr; gap: 1rem">
    <View><Header value="A" size="5"/><HyperText name="a" value="$answer_a"/></View>
    <View><Header value="B" size="5"/><HyperText name="b" value="$answer_b"/></View>
  </View>
  <Choices name="verdict" toName="a" choice="single" required="true" showInline="true">
{choices}
  </Choices>
  <TextArea name="comment" toName="a" rows="2" maxSubmissions="1"/>
</View>"""
    try:
        from label_studio_sdk.label_interface import LabelInterface
    except ImportError:
        return config
    LabelInterface(config).validate()
    return config


def export_tasks(pairs: Iterable[PairView], folder: Path) -> int:
    """Write `config.xml` and `tasks.json` into a folder; return the number of tasks."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [
        {
            "data": {
                "pair_id": pair.pair_id,
                "language": pair.language,
                "question": pair.question,
                "answer_a": _page(pair.a),
                "answer_b": _page(pair.b),
            }
        }
        for pair in pairs
    ]
    try:
        (folder / "config.xml").write_text(labelling_config(), "utf-8")
        (folder / "tasks.json").write_text(json.dumps(tasks, ensure_ascii=False, indent=1), "utf-8")
    except OSError as error:
        raise BridgeError(f"{folder}: cannot be written: {error.strerror}") from error
    return len(tasks)


def read_annotations(path: Path) -> list[OutsideJudgement]:
    """Read a JSON export of Label Studio; raise BridgeError when it is none.

    Cancelled annotations and those without a verdict are left out.
    """
    try:
        tasks = json.loads(path.read_text("utf-8"))
        if not isinstance(tasks, list):
            raise TypeError("expected a list of tasks")
        return [
            judgement
            for task in tasks
            for annotation in task.get("annotations", [])
            if not annotation.get("was_cancelled") and (judgement := _judgement(task, annotation))
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BridgeError(f"{path}: not a Label Studio JSON export: {error}") from error


def _judgement(task: dict[str, Any], annotation: dict[str, Any]) -> OutsideJudgement | None:
    verdict, comment = None, ""
    for result in annotation["result"]:
        value = result["value"]
        if result.get("from_name") == "verdict" and value.get("choices"):
            verdict = str(value["choices"][0])
        elif result.get("type") == "pairwise":
            verdict = PAIRWISE[value["selected"]]
        elif result.get("from_name") == "comment":
            comment = " ".join(value.get("text", []))
    if verdict is None:
        return None
    if verdict not in VERDICTS:
        raise ValueError(f"unknown verdict {verdict!r}")
    who = annotation.get("completed_by")
    name = who.get("email") or who.get("id") if isinstance(who, dict) else who
    return OutsideJudgement(
        pair_id=int(task["data"]["pair_id"]),
        assessor=f"label-studio:{name}",
        verdict=verdict,
        comment=comment,
        seconds=float(annotation.get("lead_time") or 0.0),
    )


def _page(answer: AnswerView) -> str:
    """Return an answer with its passages as HTML, everything foreign escaped."""
    passages = "".join(
        f"<li><b>{html.escape(passage.title)}</b><br>{html.escape(passage.text)}</li>"
        for passage in answer.passages
    )
    return f"<p>{html.escape(answer.text)}</p><hr><ol>{passages}</ol>"
