"""Read the result of an annotation: verdict, reasons and marks, in the order of display."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from annotate.errors import BridgeError
from annotate.labelling.ledger.spans import SPAN_KINDS
from annotate.labelling.verdicts import check_reasons, check_verdict

PAIRWISE = {"left": "A_better", "right": "B_better"}
SIDES = {"a": "A", "b": "B"}


@dataclass
class Reading:
    """Hold what an annotation says; without a verdict it is unfinished.

    `spans` are marks on characters of the answers, `unplaced` those of which no place in the
    answer could be told.
    """

    verdict: str = ""
    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    comment: str = ""
    spans: list[dict[str, Any]] = field(default_factory=list)
    unplaced: list[dict[str, Any]] = field(default_factory=list)


def read_result(result: Any, answers: dict[str, str] | None = None) -> Reading:
    """Read the parts of a result; `answers` are the texts shown as A and B, wanted for marks.

    Raises BridgeError for a part that is malformed, VerdictError for an unknown verdict or reason.
    """
    reading = Reading()
    try:
        for part in result or []:
            _read_part(reading, str(part.get("from_name", "")), part, answers or {})
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise BridgeError(f"malformed annotation: {type(error).__name__} {error}") from error
    check_reasons(reading.aspects, reading.tags)
    return reading


def _read_part(reading: Reading, name: str, part: dict[str, Any], answers: dict[str, str]) -> None:
    value = part["value"]
    if part.get("type") == "pairwise":
        reading.verdict = PAIRWISE[value["selected"]]
    elif name == "verdict":
        reading.verdict = check_verdict(str(value["choices"][0]))
    elif name.startswith("aspect_"):
        reading.aspects[name.removeprefix("aspect_")] = str(value["choices"][0])
    elif name.startswith("tags_"):
        reading.tags[SIDES[name.removeprefix("tags_")]] = [str(tag) for tag in value["choices"]]
    elif name == "comment":
        reading.comment = "\n".join(str(text) for text in value["text"])
    elif part.get("type") == "hypertextlabels":
        side = SIDES[str(part["to_name"])[-1]]
        _mark(reading, side, value, answers.get(side, ""))


def _mark(reading: Reading, side: str, value: dict[str, Any], answer: str) -> None:
    place = _place(value, answer)
    for kind in value["hypertextlabels"]:
        if place is None or kind not in SPAN_KINDS:
            reading.unplaced.append({"side": side, "kind": str(kind), "text": str(value.get("text", ""))})
        else:
            reading.spans.append({"side": side, "start": place[0], "end": place[1], "kind": kind})


def _place(value: dict[str, Any], answer: str) -> tuple[int, int] | None:
    """Find the characters of the answer that a mark covers.

    Label Studio counts UTF-16 units, within the text node and (`globalOffsets`) within the page;
    the page is one text node. What it says was marked decides between the two.
    """
    marked = value.get("text")
    units = answer.encode("utf-16-le")
    counted = value.get("globalOffsets") or {}
    candidates = [
        (value.get("startOffset"), value.get("endOffset")),
        (counted.get("start"), counted.get("end")),
    ]
    for start, end in candidates:
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(units) // 2):
            continue
        first = len(units[: 2 * start].decode("utf-16-le", "ignore"))
        text = units[2 * start : 2 * end].decode("utf-16-le", "ignore")
        if text and (marked is None or _words(text) == _words(marked)):
            return first, first + len(text)
    if isinstance(marked, str) and marked and answer.count(marked) == 1:
        return answer.index(marked), answer.index(marked) + len(marked)
    return None


def _words(text: object) -> list[str]:
    """Return the words of a text; Label Studio writes a line break as a backslash and an n."""
    return str(text).replace("\\n", " ").split()
