"""Read the citations `[n]` of an answer, sentence by sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.language import sentences

_MARK = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
# A citation often follows the full stop: "It is closed. [1] Then …" belongs to the first sentence.
_AFTER_STOP = re.compile(r"([.!?…])(\s*(?:\[\d[\d\s,]*\]\s*)+)")


@dataclass(frozen=True)
class CitedSentence:
    """Hold one sentence without its marks, the passage numbers it cites, and the sentence as written."""

    text: str
    numbers: tuple[int, ...]
    written: str


def cited_sentences(answer: str) -> list[CitedSentence]:
    """Split an answer into sentences with the numbers each one cites."""
    moved = _AFTER_STOP.sub(lambda found: f" {found[2].strip()}{found[1]} ", answer)
    result = []
    for sentence in sentences(moved):
        numbers = citation_numbers(sentence)
        text = re.sub(r"\s+([.!?…,;:])", r"\1", _MARK.sub("", sentence)).strip()
        if re.search(r"\w", text):
            result.append(CitedSentence(text, numbers, sentence))
    return result


def citation_numbers(text: str) -> tuple[int, ...]:
    """Return the passage numbers cited in a text, in order, each once."""
    numbers = (int(number) for mark in _MARK.findall(text) for number in mark.split(","))
    return tuple(dict.fromkeys(numbers))


def renumber(answer: str, numbers: dict[int, int]) -> str:
    """Replace each cited number by `numbers[number]`; numbers that are not in the map stay."""

    def replace(found: re.Match[str]) -> str:
        cited = (int(number) for number in found[1].split(","))
        return "[" + ", ".join(str(numbers.get(number, number)) for number in cited) + "]"

    return _MARK.sub(replace, answer)
