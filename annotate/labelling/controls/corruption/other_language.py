"""Answer in another language than the one asked in.

There is no translator here. The twin is a stored answer to the same question in another language
or, where there is none, a sentence of one of the answer's own passages that is in another language.
Where the corpus has neither, nothing is made.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from annotate.labelling.controls.corruption.base import Corruption, Original
from annotate.labelling.controls.corruption.texts import MARK, is_in, split

KIND = "other_language"
PLACE = "aspects#Language quality"
WORDS = (5, 40)
WHY = {
    "en": "One answer is not in the language of the question.",
    "ru": "Один из ответов написан не на языке вопроса.",
}


def other_language(original: Original, rng: np.random.Generator) -> Iterator[Corruption]:
    """Yield the twins in another language: whole answers first, then single sentences, in random order."""
    why = WHY["ru" if original.language == "ru" else "en"]
    foreign = [at for at, answer in enumerate(original.answers) if not is_in(answer.text, original.language)]
    for at in rng.permutation(foreign) if foreign else ():
        yield _whole(original, original.answers[at].text, why, int(at))
    sentences = [
        (number, sentence.bare)
        for number, passage in enumerate(original.passages, start=1)
        for sentence in split(MARK.sub("", passage.text))
        if not is_in(sentence.bare, original.language)
        and WORDS[0] <= len(sentence.bare.split()) <= WORDS[1]
        and sentence.bare[-1] in ".!?"
    ]
    for at in rng.permutation(len(sentences)):
        number, text = sentences[at]
        yield _whole(original, f"{text[:-1]} [{number}]{text[-1]}", why, None)


def _whole(original: Original, text: str, why: str, borrowed: int | None) -> Corruption:
    return Corruption(KIND, text, 0, original.text, text, why, PLACE, borrowed)
