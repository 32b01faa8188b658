"""Tell whether an answer to one question may serve another: only where nothing that matters differs.

Embeddings put «можно ли вернуть» beside «нельзя ли вернуть», euros beside dollars and 2023 beside
2024. The gate compares the tokens that carry meaning one by one and in order, so it would rather
let a paraphrase go than serve the answer to another question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.indexes.stemming import terms
from rag.precomputed.significant import NEGATIONS, significant

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_MIN_PLURAL = 5  # letters: `news` is not the plural of `new`
_NOT_PLURALS = (
    "goods means customs glasses terms securities savings earnings works physics minutes forces "
    "damages premises proceeds quarters series species"
)
_CYRILLIC = re.compile(r"[а-я-]+", re.IGNORECASE)


@dataclass(frozen=True)
class GateVerdict:
    """Say whether two questions are one, and why or why not."""

    passes: bool
    reason: str


def same_question(one: str, other: str) -> GateVerdict:
    """Compare two questions, Russian or English, token by token."""
    tokens, others = significant(one), significant(other)
    if not tokens or not others:
        return GateVerdict(False, "nothing in the question carries a meaning")
    negations, other_negations = _negations(tokens), _negations(others)
    if negations != other_negations:
        return GateVerdict(False, f"polarity: {_shown(negations)} against {_shown(other_negations)}")
    if negations and _pauses(one) != _pauses(other):
        return GateVerdict(False, "polarity: commas around a negation differ")
    numbers, other_numbers = _numbers(tokens), _numbers(others)
    if numbers != other_numbers:
        return GateVerdict(False, f"numbers: {_shown(numbers)} against {_shown(other_numbers)}")
    for token, matching in zip_longest(tokens, others):
        if token is None or matching is None or not _agree(token, matching):
            return GateVerdict(False, f"words: {token or 'nothing'} against {matching or 'nothing'}")
    return GateVerdict(True, "the same words, numbers, names and polarity")


def _negations(tokens: list[str]) -> list[str]:
    return [token.lower() for token in tokens if token.lower() in NEGATIONS]


def _numbers(tokens: list[str]) -> list[str]:
    return [token for token in tokens if any(letter.isdigit() for letter in token)]


def _pauses(question: str) -> list[int]:
    """Return after which word each comma stands."""
    return [len(part.split()) for part in re.split(r"[,;:—]", question)[:-1]]


def _shown(tokens: list[str]) -> str:
    return " ".join(tokens) or "none"


def _agree(one: str, other: str) -> bool:
    if one == other:
        return True
    low, other_low = one.lower(), other.lower()
    if low == other_low:
        # A name may be written without its capital letter, an abbreviation may not: US, us.
        return not any(len(token) > 1 and token.isupper() for token in (one, other))
    if one[0].isupper() or other[0].isupper() or terms(low) != terms(other_low):
        return False
    if _CYRILLIC.fullmatch(low) and _CYRILLIC.fullmatch(other_low):
        return bool(_readings(low) & _readings(other_low))
    return low.isascii() and other_low.isascii() and bool(_singulars(low) & _singulars(other_low))


def _singulars(word: str) -> set[str]:
    """Return what an English word may be the plural of, and the word; stems would join too much."""
    found = {word}
    if len(word) >= _MIN_PLURAL and word.endswith("s") and word not in _NOT_PLURALS.split():
        if word.endswith("ies"):
            found.add(word[:-3] + "y")
        elif word.endswith(("ses", "xes", "ches", "shes", "zes")):
            found |= {word[:-2], word[:-1]}
        elif not word.endswith(("ss", "us", "is")):
            found.add(word[:-1])
    return found


@lru_cache(maxsize=20_000)
def _readings(word: str) -> frozenset[tuple[str, ...]]:
    """Return the dictionary forms of a Russian word with all that its form says, number left out."""
    return frozenset(
        (parse.normal_form, *(str(getattr(parse.tag, name)) for name in _GRAMMEMES))
        for parse in _morphology().parse(word)
        if parse.is_known
    )


_GRAMMEMES = ("POS", "case", "tense", "mood", "person", "voice", "aspect")


@lru_cache(maxsize=1)
def _morphology() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer(lang="ru")
