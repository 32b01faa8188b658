"""Put in a fluent sentence from a passage on another topic, with a citation that does not hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from annotate.labelling.controls.corruption.base import Corruption, Original, replaced
from annotate.labelling.controls.corruption.texts import cited, overlap, split

KIND = "unsupported_sentence"
PLACE = "errors#Hallucination"
WORDS = (6, 30)
UNRELATED = 0.5
WHY = {
    "en": "One answer adds a claim that none of its passages contains: {what}",
    "ru": "Один из ответов добавляет утверждение, которого нет ни в одном из отрывков: {what}",
}
_FLUENT = re.compile(r"[A-ZА-ЯЁ][^\[\]{}<>|=#*_`\"«»:?\n]+[^\W\d_]\.")
_POINTS_BACK = re.compile(
    r"(?:it|its|he|she|they|this|these|those|his|her|their|however|also|but|and|so|он|она|оно|они|его|её|"
    r"их|это|эт[аио]т?|эти|также|однако|но|и|а|поэтому|там|тогда|при этом)\b",
    re.IGNORECASE,
)


def unsupported_sentence(original: Original, rng: np.random.Generator) -> Iterator[Corruption]:
    """Yield the twins with one sentence from elsewhere behind one of their own, in random order."""
    sentences = split(original.text)
    loans = [source.text for source in original.elsewhere if source.language == original.language]
    numbers = sorted(set(cited(original.text))) or list(range(1, len(original.passages) + 1))
    if not sentences or not numbers:
        return
    for at in rng.permutation(len(loans)):
        for loan in split(" ".join(loans[at].split())):
            if not _fits(loan.text, original):
                continue
            place = sentences[int(rng.integers(len(sentences)))].end
            number = numbers[int(rng.integers(len(numbers)))]
            written = f" {loan.text[:-1]} [{number}]."
            why = WHY["ru" if original.language == "ru" else "en"].format(what=f"«{loan.text}»")
            yield replaced(original, KIND, place, place, written, why, PLACE)
            break


def _fits(loan: str, original: Original) -> bool:
    low, high = WORDS
    known = " ".join([original.text, original.question, *(source.text for source in original.passages)])
    return (
        bool(_FLUENT.fullmatch(loan))
        and low <= len(loan.split()) <= high
        and not _POINTS_BACK.match(loan)
        and overlap(loan, known) < UNRELATED
    )
