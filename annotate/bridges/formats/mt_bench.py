"""Write and read judgements as MT-bench and Chatbot Arena publish theirs: JSON lines.

Fields: `question_id`, `model_a`, `model_b`, `winner`, `judge`, `conversation_a`, `conversation_b`,
`turn` (https://huggingface.co/datasets/lmsys/mt_bench_human_judgments). `winner` is `model_a`,
`model_b`, `tie` or `tie (bothbad)`. The strength of a verdict and the kind of the judge go into
fields beside these. A later turn is a judgement on the conversation up to there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import Element, read_lines, write_lines
from annotate.bridges.formats.mappings import entry
from annotate.errors import BridgeError

WINNERS = {"A": "model_a", "B": "model_b", "tie": "tie", "both_bad": "tie (bothbad)"}
PEOPLE = ("author", "expert")  # how MT-bench names the people who judged
_OURS = ("language", "verdict", "kind", "guideline", "judged_at", "comment")


class MtBench(Format):
    """Keep verdicts with their texts and models; passages, aspects and spans are left out."""

    writes: ClassVar[frozenset[str]] = frozenset({JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write a judgement a line, each of one turn."""
        no_columns(self.name, columns)
        return write_lines(target, map(_judgement, rows))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read a judgement a line; a judge named in parts, as `["gpt-4", "pair-v2"]`, is a machine."""
        for element in read_lines(source):
            yield _entry(element, options)


def _judgement(row: Row) -> dict[str, Any]:
    verdict = str(row["verdict"])
    return {
        "question_id": row["question_id"],
        "model_a": row["model_a"],
        "model_b": row["model_b"],
        "winner": WINNERS.get(verdict) or WINNERS[verdict[0]],
        "judge": row["assessor"],
        "conversation_a": _conversation(row["question"], row["answer_a"]),
        "conversation_b": _conversation(row["question"], row["answer_b"]),
        "turn": 1,
    } | {name: row[name] for name in _OURS}


def _conversation(question: str, answer: str) -> list[dict[str, str]]:
    return [{"content": question, "role": "user"}, {"content": answer, "role": "assistant"}]


def _entry(element: Element, options: ReadOptions) -> Entry:
    row = element.value
    if element.reason:
        return Entry(element.line, reason=element.reason)
    try:
        found = {name: row[name] for name in _OURS if name in row} | _translated(row, options)
    except (BridgeError, KeyError, TypeError, ValueError) as error:
        said = f"no {error}" if isinstance(error, KeyError) else str(error)
        return Entry(element.line, reason=f"not a judgement of MT-bench: {said}")
    return entry(element.line, found, ReadOptions({}, options.verdicts, "", "", options.language))


def _translated(row: dict[str, Any], options: ReadOptions) -> dict[str, Any]:
    turn = int(row.get("turn") or 1)
    question, answer_a = _turn(row["conversation_a"], turn)
    _, answer_b = _turn(row["conversation_b"], turn)
    judge = row.get("judge")
    parts = judge if isinstance(judge, list) else [judge]
    name = options.assessor or "/".join(str(part) for part in parts if part is not None)
    return {
        "question_id": row.get("question_id", ""),
        "question": question,
        "answer_a": answer_a,
        "answer_b": answer_b,
        "model_a": row["model_a"],
        "model_b": row["model_b"],
        "assessor": name,
        "kind": row.get("kind") or options.kind or _kind(judge),
        "verdict": row["verdict"] if "verdict" in row else row["winner"],
    }


def _kind(judge: Any) -> str:
    if isinstance(judge, list):
        return "machine"
    return "person" if str(judge).startswith(PEOPLE) else ""


def _turn(conversation: Any, turn: int) -> tuple[str, str]:
    """Return the first question, and what followed it up to the answer of a turn."""
    messages = conversation[: 2 * turn]
    if len(messages) < 2 * turn or messages[0]["role"] != "user" or messages[-1]["role"] != "assistant":
        raise BridgeError(f"the conversation has no turn {turn}")
    said = [m["content"] if m["role"] == "assistant" else f"> {m['content']}" for m in messages[1:]]
    return messages[0]["content"], "\n\n".join(said)
