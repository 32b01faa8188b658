"""Read a judgement out of a mapping of columns, under our names or those of a column map."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.bridges.formats.base import Entry, ReadOptions
from annotate.bridges.formats.json_files import Element
from annotate.bridges.formats.messages import answer_of, asked, prompt_of, split_prompt
from annotate.bridges.formats.records import KNOWN, NESTED, JudgementRecord, verdict_named
from annotate.errors import BridgeError, LabellingError

MUCH_BETTER = 1.5  # margin from which a preference counts as a clear one
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no", "")
_NUMBERS = ("confidence", "seconds", "active_seconds")


def entries(elements: Iterable[Element], options: ReadOptions) -> Iterator[Entry]:
    """Turn elements of a JSON file into entries."""
    for element in elements:
        if element.reason:
            yield Entry(element.line, reason=element.reason)
        else:
            yield entry(element.line, element.value, options)


def entry(line: int, row: Mapping[str, Any], options: ReadOptions) -> Entry:
    """Turn one row, of judgements or of preferences, into an entry; a bad row keeps its reason."""
    try:
        return Entry(line, record(renamed(row, options.columns), options))
    except (BridgeError, LabellingError) as error:
        return Entry(line, reason=str(error))
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        return Entry(line, reason=f"not a judgement: {error}")


def renamed(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return a row under our names; raise BridgeError when a column of the map is not there."""
    if missing := [theirs for theirs in columns.values() if theirs not in row]:
        raise BridgeError(f"no column {', '.join(missing)}; there are {', '.join(map(str, row))}")
    taken = set(columns.values())
    kept = {name: value for name, value in row.items() if name not in taken}
    return kept | {ours: row[theirs] for ours, theirs in columns.items()}


def record(row: Mapping[str, Any], options: ReadOptions) -> JudgementRecord:
    """Return the judgement of a row under our names; a preference becomes a verdict for its first answer.

    Raises BridgeError, LabellingError or ValueError for a row that is none.
    """
    values = {name: value for name, value in row.items() if name in KNOWN and value not in (None, "")}
    if "verdict" not in row and "chosen" in row:
        values = {"swapped": _drawn_side(row)} | values | preferred(row)
    elif "verdict" in row:
        values["verdict"] = verdict_named(row["verdict"], options.verdicts)
    else:
        raise BridgeError("no verdict; name its column with --columns verdict=THEIRS")
    if passages := row.get("passages"):
        values = {"passages_a": passages, "passages_b": passages} | values
    return judged(values, options)


def judged(values: Mapping[str, Any], options: ReadOptions) -> JudgementRecord:
    """Return the judgement of these values; what the file does not say is taken from the options."""
    typed = {name: _typed(name, value) for name, value in values.items()}
    stated = {"assessor": options.assessor, "kind": options.kind, "language": options.language}
    return JudgementRecord(**({"verdict": ""} | stated | typed))


def preferred(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return prompt, answers and verdict of a preference row with `chosen` and `rejected`."""
    if "rejected" not in row:
        raise BridgeError("no column rejected")
    if row.get("prompt"):
        prompt = prompt_of(_nested(row["prompt"]))
        chosen, rejected = answer_of(row["chosen"], "chosen"), answer_of(row["rejected"], "rejected")
    elif row.get("question"):
        prompt = []
        chosen, rejected = answer_of(row["chosen"], "chosen"), answer_of(row["rejected"], "rejected")
    else:
        prompt, chosen, rejected = split_prompt(row["chosen"], row["rejected"])
    margin = abs(float(row.get("margin") or 0.0))
    return {
        "prompt": prompt,
        "question": _question(row, prompt),
        "answer_a": chosen,
        "answer_b": rejected,
        "verdict": "A_much_better" if margin >= MUCH_BETTER else "A_better",
    }


def _drawn_side(row: Mapping[str, Any]) -> bool:
    """Draw where the chosen answer stood, which such files do not say: always left would look like a bias."""
    return hashlib.sha256(repr((row["chosen"], row.get("rejected"))).encode()).digest()[0] % 2 == 1


def _question(row: Mapping[str, Any], prompt: list[dict[str, str]]) -> str:
    lineage = _nested(row.get("lineage") or {})
    named = row.get("question") or (lineage.get("question") if isinstance(lineage, dict) else "")
    return str(named or asked(prompt))


def _typed(name: str, value: Any) -> Any:
    """Return a value of the type that its column has; tables keep everything as text."""
    if name in NESTED:
        return _nested(value)
    if name in _NUMBERS:
        return float(value)
    if name == "swapped":
        return _flag(value)
    return int(value) if name == "pair" else str(value)


def _nested(value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value  # a text that begins with a bracket


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise BridgeError(f"{value!r} is neither true nor false")
    return word in _TRUE
