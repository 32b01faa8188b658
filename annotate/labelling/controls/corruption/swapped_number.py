"""Change one number, date, weekday or unit of a cited sentence into another that could stand there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from annotate.labelling.controls.corruption.base import Corruption, Original, replaced
from annotate.labelling.controls.corruption.figures import Figure, change_figure, find_figures, value_of
from annotate.labelling.controls.corruption.texts import split
from annotate.labelling.controls.corruption.word_groups import Word, find_words

KIND = "swapped_number"
PLACE = "errors#Hallucination"
TRIES = 8  # draws for one figure
WHY = {
    "en": "One answer gives «{wrong}» where the passage says «{right}».",
    "ru": "В одном из ответов «{wrong}» вместо «{right}», как сказано в отрывке.",
}


def swapped_number(original: Original, rng: np.random.Generator) -> Iterator[Corruption]:
    """Yield the twins in which one figure is another, in random order.

    The new one equals none in the answer or its passages, so that it is not true by chance.
    """
    taken = {value for text in _texts(original) for value in map(value_of, find_figures(text))}
    found = [
        (sentence.start, one)
        for sentence in split(original.text)
        if sentence.cited
        for one in (*find_figures(sentence.text), *find_words(sentence.text))
    ]
    for at in rng.permutation(len(found)):
        offset, one = found[at]
        other = (
            _other_figure(one, taken, original.language, rng)
            if isinstance(one, Figure)
            else _other_word(one, original, rng)
        )
        if other:
            start, end = offset + one.start, offset + one.end
            right = original.text[start:end]
            why = WHY["ru" if original.language == "ru" else "en"].format(wrong=other, right=right)
            yield replaced(original, KIND, start, end, other, why, PLACE)


def _other_figure(figure: Figure, taken: set[str], language: str, rng: np.random.Generator) -> str:
    for _ in range(TRIES):
        made = change_figure(figure, language, rng)
        if made is not None and value_of(made) not in taken:
            return made.text
    return ""


def _other_word(word: Word, original: Original, rng: np.random.Generator) -> str:
    others = [other for other in word.others if not _said(other, original)]
    return str(rng.choice(others)) if others else ""


def _said(word: str, original: Original) -> bool:
    return any(word.lower() in text.lower() for text in _texts(original))


def _texts(original: Original) -> list[str]:
    return [original.text, *(source.text for source in original.passages)]
