"""Refuse rows whose questions are held out: those of the test side, or of a frozen test file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotate.bridges.formats.json_files import read_lines
from annotate.bridges.formats.messages import asked
from annotate.errors import BridgeError
from rag.language import words

SHOWN = 10  # rows named in a refusal
Row = Mapping[str, Any]


def frozen_questions(path: Path) -> list[str]:
    """Return the questions of a frozen test file, JSON lines of any of our formats.

    A line names its question in `lineage`, `question`, `instruction` or `text`, or asks it in the
    last message of the user in `prompt`, or in `chosen` where that holds the prompt. Raises
    BridgeError naming the first line without one:
    a test that cannot be read guards nothing.
    """
    found = []
    for element in read_lines(path):
        try:
            question = None if element.reason else _question(element.value)
        except (ValueError, TypeError, KeyError, AttributeError):
            question = None
        if question is None:
            raise BridgeError(f"{path}:{element.line}: {element.reason or 'no question in this line'}")
        found.append(question)
    if not found:
        raise BridgeError(f"{path}: no question in this file")
    return found


def leaking(texts: Mapping[str, str], tested: Iterable[str]) -> set[str]:
    """Return the keys of the questions that equal a tested one or are near duplicates of it.

    Equal is what has the same words, whatever the case, punctuation and space; near duplicates are
    found by MinHash, and through other questions that lie between.
    """
    from rag.cleaning.near_duplicates import group, signatures

    frozen = sorted(set(tested))
    known = {_levelled(text) for text in frozen}
    leaks = {key for key, text in texts.items() if _levelled(text) in known}
    keys = sorted(texts)
    named = [f"row {key}" for key in keys] + [f"test {number}" for number in range(len(frozen))]
    signed = dict(zip(named, signatures([*(texts[key] for key in keys), *frozen]), strict=True))
    for members in group(signed):
        if any(name.startswith("test ") for name in members):
            leaks |= {name.removeprefix("row ") for name in members if name.startswith("row ")}
    return leaks


def guarded(rows: Iterable[Row], leaks: Callable[[str], bool], why: str) -> Iterator[Row]:
    """Yield the rows; raise BridgeError at the end when the questions of some were not allowed.

    The error says why, how many rows there are, and names the first of them; nothing is written
    then, since an export takes its place only when all rows came.
    """
    named: list[str] = []
    count = 0
    for row in rows:
        if leaks(str(row["question_id"])):
            count += 1
            if count <= SHOWN:
                named.append(f"{row.get('id') or row.get('assessor')} ({row['question_id']})")
        elif not count:
            yield row
    if count:
        more = f" and {count - SHOWN} more" if count > SHOWN else ""
        raise BridgeError(f"refused, nothing was written: {why}: {', '.join(named)}{more}")


def _question(row: dict[str, Any]) -> str | None:
    lineage = row.get("lineage") or {}
    if isinstance(lineage, str):
        lineage = json.loads(lineage)
    for text in (lineage.get("question"), *(row.get(name) for name in ("question", "instruction", "text"))):
        if isinstance(text, str) and text.strip():
            return text
    prompt = row.get("prompt") or row.get("chosen")
    if isinstance(prompt, list):
        prompt = asked(prompt)
    return prompt if isinstance(prompt, str) and prompt.strip() else None


def _levelled(text: str) -> str:
    return " ".join(words(text)) or text.strip()
