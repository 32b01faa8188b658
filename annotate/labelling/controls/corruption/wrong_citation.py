"""Cite, for one sentence, a passage that does not say what the sentence says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from annotate.labelling.controls.corruption.base import Corruption, Original, replaced
from annotate.labelling.controls.corruption.texts import MARK, overlap, split

KIND = "wrong_citation"
PLACE = "citations#A wrong citation"
UNRELATED = 0.5  # a passage with more of the sentence's words may support it after all
WHY = {
    "en": "One answer cites passage [{wrong}] for a claim that only [{right}] supports.",
    "ru": "Один из ответов ссылается на [{wrong}], хотя сказанное есть только в [{right}].",
}


def wrong_citation(original: Original, rng: np.random.Generator) -> Iterator[Corruption]:
    """Yield the twins in which one sentence cites one wrong passage, the least related ones first."""
    found = []
    for sentence in split(original.text):
        for number, passage in enumerate(original.passages, start=1):
            shared = overlap(sentence.text, passage.text)
            if sentence.cited and number not in sentence.cited and shared < UNRELATED:
                found.append((shared, sentence, number))
    order = sorted(range(len(found)), key=lambda at: (round(found[at][0], 1), rng.random()))
    for at in order:
        _, sentence, number = found[at]
        first = True

        def mark(_match: re.Match[str], number: int = number) -> str:
            nonlocal first
            shown, first = (f"[{number}]" if first else ""), False
            return shown

        why = WHY["ru" if original.language == "ru" else "en"].format(
            wrong=number, right=", ".join(map(str, sentence.cited))
        )
        written = MARK.sub(mark, sentence.text)
        yield replaced(original, KIND, sentence.start, sentence.end, written, why, PLACE)
