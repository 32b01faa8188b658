"""Write and read judgements as AlpacaEval keeps its annotations: a JSON array.

Fields: `instruction`, `output_1`, `output_2`, `generator_1`, `generator_2`, `annotator` and
`preference`, the probability that output 2 is better plus 1: 1 for the first, 2 for the second, 1.5
for a draw (https://github.com/tatsu-lab/alpaca_eval; its first version wrote 0 for a draw). The
strength of a verdict, `both_bad`, and what kind of assessor it was go into columns beside these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from annotate.bridges.formats.base import JUDGEMENTS, Entry, Format, ReadOptions, Row, no_columns
from annotate.bridges.formats.json_files import Element, read_array, write_array
from annotate.bridges.formats.mappings import entry
from annotate.errors import BridgeError

PREFERENCE = {"A": 1.0, "B": 2.0}
_DRAWS = (0.0, 1.5)
_OURS = ("question_id", "language", "verdict", "kind", "guideline", "judged_at", "comment")
_SURE = 0.5  # how near to 1 or 2 a preference must lie to be a vote for that side


class AlpacaEval(Format):
    """Keep verdicts with their texts and models; passages, aspects and spans are left out."""

    writes: ClassVar[frozenset[str]] = frozenset({JUDGEMENTS})

    def write(self, rows: Iterable[Row], target: Path, content: str, columns: Mapping[str, str]) -> int:  # noqa: ARG002 - of one content only
        """Write an annotation a judgement."""
        no_columns(self.name, columns)
        return write_array(target, map(_annotation, rows))

    def read(self, source: Path, options: ReadOptions) -> Iterator[Entry]:
        """Read the annotations; an annotator of a name is a machine, one of a number must be stated."""
        for element in read_array(source):
            yield _entry(element, options)


def _annotation(row: Row) -> dict[str, Any]:
    return {
        "instruction": row["question"],
        "output_1": row["answer_a"],
        "generator_1": row["model_a"],
        "output_2": row["answer_b"],
        "generator_2": row["model_b"],
        "dataset": "pairloop",
        "annotator": row["assessor"],
        "preference": PREFERENCE.get(str(row["verdict"])[0], 1.5),
    } | {name: row[name] for name in _OURS}


def _entry(element: Element, options: ReadOptions) -> Entry:
    row = element.value
    if element.reason:
        return Entry(element.line, reason=element.reason)
    try:
        found = {name: row[name] for name in _OURS if name in row} | _translated(row, options)
    except (BridgeError, KeyError, TypeError, ValueError) as error:
        said = f"no {error}" if isinstance(error, KeyError) else str(error)
        return Entry(element.line, reason=f"not an annotation: {said}")
    return entry(
        element.line, found, ReadOptions({}, options.verdicts, options.assessor, "", options.language)
    )


def _translated(row: dict[str, Any], options: ReadOptions) -> dict[str, Any]:
    question = str(row["instruction"])
    if given := row.get("input"):
        question = f"{question}\n\n{given}"
    annotator = row.get("annotator")
    named = isinstance(annotator, str) and annotator.strip()
    translated = {
        "question": question,
        "answer_a": row["output_1"],
        "answer_b": row["output_2"],
        "model_a": row.get("generator_1") or "",
        "model_b": row.get("generator_2") or "",
        "assessor": options.assessor
        or (f"annotator-{annotator}" if isinstance(annotator, int) else annotator),
        "kind": row.get("kind") or options.kind or ("machine" if named else ""),
    }
    return translated | ({} if "verdict" in row else _verdict(row["preference"]))


def _verdict(preference: Any) -> dict[str, Any]:
    if preference is None:
        raise BridgeError("the annotator gave no preference")
    value = float(preference)
    if value in _DRAWS:
        return {"verdict": "tie"}
    if not 1.0 <= value <= 2.0:
        raise BridgeError(f"a preference lies between 1 and 2, not at {value}")
    share = abs(value - 1.5) + _SURE  # of the better side, as a weighted annotator gives it
    verdict = "A_better" if value < 1.5 else "B_better"
    return {"verdict": verdict} | ({} if share == 1.0 else {"confidence": share})
