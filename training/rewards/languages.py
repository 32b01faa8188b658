"""Language: an answer is written in the script of its question's language."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.rows import PromptRow

_LATIN, _CYRILLIC = re.compile(r"[A-Za-z\u00c0-\u024f]"), re.compile(r"[\u0400-\u052f]")
_SCRIPTS = {
    **dict.fromkeys(("en", "de", "fr", "es", "it", "pt", "nl", "pl"), _LATIN),
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr"), _CYRILLIC),
}


class LanguageReward:
    """Give the share of letters of the language's own script; answers in unknown languages all get 1.

    Tells Russian from English, not English from French. Nothing written earns nothing. Range [0, 1].
    """

    def __call__(self, rows: Sequence[PromptRow], answers: Sequence[str]) -> NDArray[np.float64]:
        """Give one reward an answer, shape (n,)."""
        pairs = zip(rows, answers, strict=True)
        return np.array([_share(answer, row.language) for row, answer in pairs], dtype=np.float64)


def _share(answer: str, language: str) -> float:
    letters = sum(character.isalpha() for character in answer)
    script = _SCRIPTS.get(language)
    if not letters:
        return 0.0
    return 1.0 if script is None else len(script.findall(answer)) / letters
