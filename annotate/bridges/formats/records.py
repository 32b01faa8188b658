"""Hold a judgement as other tools know it: texts and names instead of the ledger's numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from annotate.errors import BridgeError
from annotate.labelling.ledger.spans import check_spans
from annotate.labelling.verdicts import VERDICTS, check_reasons

KINDS = ("person", "machine")
# What other tools call the same verdicts, in small letters.
_SYNONYMS = {
    **{verdict.lower(): verdict for verdict in VERDICTS},
    **dict.fromkeys(("a", "left", "model_a", "answer_a", "first"), "A_better"),
    **dict.fromkeys(("b", "right", "model_b", "answer_b", "second"), "B_better"),
    **dict.fromkeys(("draw", "equal", "same"), "tie"),
    **dict.fromkeys(("tie (bothbad)", "tie (both bad)", "bothbad", "neither"), "both_bad"),
}


@dataclass(frozen=True)
class JudgementRecord:
    """Hold one verdict on two answers to a question, and all that is known of how it came about.

    The verdict, aspects, tags and spans are in the order of `answer_a` and `answer_b`; `swapped`
    says that the assessor saw `answer_b` first. `pair` names a pair of this ledger instead of the
    texts. `prompt` holds the messages that the answers reply to, where a file has them.
    """

    verdict: str
    assessor: str
    kind: str
    question: str = ""
    question_id: str = ""
    language: str = ""
    answer_a: str = ""
    answer_b: str = ""
    passages_a: list[dict[str, Any]] = field(default_factory=list)
    passages_b: list[dict[str, Any]] = field(default_factory=list)
    model_a: str = ""
    model_b: str = ""
    fingerprint: str = ""
    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    spans: list[dict[str, Any]] = field(default_factory=list)
    comment: str = ""
    confidence: float | None = None
    seconds: float = 0.0
    active_seconds: float = 0.0
    swapped: bool = False
    guideline: str = ""
    channel: str = ""
    judged_at: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    pair: int | None = None
    prompt: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise BridgeError(problem)
        check_reasons(self.aspects, self.tags)
        check_spans(self.spans)


# The order in which tables show a judgement; `pair` and `prompt` only come in.
COLUMNS = (
    "question_id", "question", "language", "answer_a", "answer_b", "model_a", "model_b",
    "passages_a", "passages_b", "verdict", "assessor", "kind", "fingerprint", "aspects", "tags",
    "spans", "comment", "confidence", "seconds", "active_seconds", "swapped", "guideline",
    "channel", "judged_at", "details",
)  # fmt: skip
NESTED = frozenset({"passages_a", "passages_b", "aspects", "tags", "spans", "details", "prompt", "lineage"})
KNOWN = frozenset(item.name for item in fields(JudgementRecord))


def verdict_named(word: object, names: Mapping[str, str]) -> str:
    """Return our verdict for a word of another tool; raise BridgeError for one that says nothing.

    `names` maps words of the file to our verdicts and goes before the words known to us.
    """
    text = str(word).strip()
    if text in names:
        text = names[text]
    if (found := _SYNONYMS.get(text.lower())) is None:
        raise BridgeError(
            f"unknown verdict {text[:40]!r}; name it with --verdict {text[:40] or 'WORD'}=A_better"
        )
    return found


def _problems(record: JudgementRecord) -> list[str]:
    found = []
    if record.verdict not in VERDICTS:
        found.append(f"unknown verdict {record.verdict!r}; known: {', '.join(VERDICTS)}")
    if not record.assessor.strip():
        found.append("no assessor is named; add a column or --assessor NAME")
    if record.kind not in KINDS:
        found.append(f"whether {record.assessor or 'the assessor'} is a person or a machine is not said")
    if record.pair is None:
        found += [f"no {name}" for name in ("question", "answer_a", "answer_b") if not _text(record, name)]
        if record.answer_a == record.answer_b and record.passages_a == record.passages_b:
            found.append("both answers are the same")
    if record.confidence is not None and not 0 <= record.confidence <= 1:
        found.append(f"a confidence lies between 0 and 1, not at {record.confidence}")
    if not all(math.isfinite(value) and value >= 0 for value in (record.seconds, record.active_seconds)):
        found.append("seconds must be numbers of 0 or more")
    if reason := _unstorable(record):
        found.append(reason)
    return found


def _unstorable(record: JudgementRecord) -> str:
    """Say what no database keeps: the character NUL, and halves of characters, which are not UTF-8."""
    written = json.dumps(vars(record), ensure_ascii=False)
    if "\\u0000" in written:
        return "a text holds the character NUL, which no database keeps"
    try:
        written.encode()
    except UnicodeEncodeError:
        return "a text holds half a character (a lone surrogate)"
    return ""


def _text(record: JudgementRecord, name: str) -> str:
    return str(getattr(record, name)).strip()
