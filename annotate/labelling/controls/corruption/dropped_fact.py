"""Leave out a cited sentence whose number or name stands nowhere else in the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from annotate.labelling.controls.corruption.base import Corruption, Original, replaced
from annotate.labelling.controls.corruption.texts import Sentence, facts, split

KIND = "dropped_fact"
PLACE = "aspects#Completeness"
WHY = {
    "en": "One answer leaves out a point that the other gives with its passage: {what}.",
    "ru": "Один из ответов опускает сведения, которые другой приводит со ссылкой: {what}.",
}


def dropped_fact(original: Original, rng: np.random.Generator) -> Iterator[Corruption]:
    """Yield the twins without one of the sentences that tell a fact, in random order."""
    sentences = split(original.text)
    if len(sentences) < 2:
        return
    for at in rng.permutation(len(sentences)):
        sentence = sentences[at]
        rest = " ".join(other.text for other in sentences if other is not sentence)
        lost = facts(sentence.text) - facts(rest) - facts(original.question)
        if not sentence.cited or not lost:
            continue
        start, end = _whole(original.text, sentence)
        why = WHY["ru" if original.language == "ru" else "en"].format(what=", ".join(sorted(lost)[:3]))
        yield replaced(original, KIND, start, end, "", why, PLACE)


def _whole(text: str, sentence: Sentence) -> tuple[int, int]:
    """Return the sentence with the space beside it, or its whole line where nothing else stands there."""
    start, end = sentence.start, sentence.end
    opening = text.rfind("\n", 0, start) + 1
    closing = text.find("\n", end)
    closing = len(text) if closing < 0 else closing
    if len(split(text[opening:closing])) == 1:
        return (opening, closing + 1) if closing < len(text) else (max(opening - 1, 0), closing)
    while end < closing and text[end].isspace():
        end += 1
    if end == closing:
        while start > opening and text[start - 1].isspace():
            start -= 1
    return start, end
