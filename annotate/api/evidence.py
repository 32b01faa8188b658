"""Find the sentence of a passage that supports a sentence of an answer best, by the words they share.

Words count by how rare they are among the sentences of all passages, so that what every sentence says
proves nothing. It is a pointer for the reader's eye, not a verdict.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from Stemmer import Stemmer

from annotate.labelling.controls.corruption.texts import Sentence, bare

WEAK = 0.34  # a sentence that shares less of its words' weight with every passage seems unsupported
LONG = 0.15  # how much the words of the passage's sentence that the answer lacks count against it
SHORT = 3  # words up to this length mostly tie other words together
_TERM = re.compile(r"\d+(?:[.,:]\d+)*|\w+")
_RUSSIAN, _ENGLISH = Stemmer("russian"), Stemmer("english")

Read = frozenset[str]


def read_terms(text: str) -> Read:
    """Return what is compared of a sentence: the stems of its longer words, and its numbers."""
    found = _TERM.findall(bare(text).lower().replace("ё", "е"))
    return frozenset(term if term[0].isdigit() else _stem(term) for term in found if _counts(term))


def _counts(term: str) -> bool:
    return len(term) > SHORT or term[0].isdigit()


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str((_RUSSIAN if "а" <= word[0] <= "я" else _ENGLISH).stemWord(word))


def read_sentences(sentences: Iterable[Sentence]) -> tuple[Read, ...]:
    """Return the terms of each sentence."""
    return tuple(read_terms(one.text) for one in sentences)


@dataclass
class Evidence:
    """Compare sentences with passages, each given as the terms of its sentences."""

    passages: Sequence[Sequence[Read]]
    weights: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """Weigh each term by its rarity (inverse document frequency over sentences)."""
        counts = Counter(term for passage in self.passages for one in passage for term in one)
        total = sum(len(passage) for passage in self.passages)
        self.weights = {term: math.log(1 + total / count) for term, count in counts.items()}
        self._unknown = math.log(1 + max(total, 1))

    def best(self, text: str, passage: int) -> int:
        """Return the number of the passage's sentence that supports a text best; -1 where none does."""
        own = read_terms(text)
        scores = [self._score(own, one) for one in self.passages[passage]]
        top = max(scores, default=0.0)
        return scores.index(top) if top > 0 else -1

    def is_weak(self, text: str, passages: Iterable[int]) -> bool:
        """Tell whether no single passage shares much of a sentence's words."""
        own = read_terms(text)
        if not own:
            return False
        everything = [frozenset[str]().union(*self.passages[at]) for at in passages]
        return max((self._share(own, one) for one in everything), default=0.0) < WEAK

    def _score(self, own: Read, other: Read) -> float:
        shared = self._weight(own & other)
        return shared / (self._weight(own) + LONG * self._weight(other - own)) if shared else 0.0

    def _share(self, own: Read, other: Read) -> float:
        return self._weight(own & other) / self._weight(own)

    def _weight(self, terms: Read) -> float:
        return math.fsum(self.weights.get(term, self._unknown) for term in terms)
