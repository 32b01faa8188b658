"""What a text shows before it is understood: length, words, signs, order; and how far passages cover it.

Length, word, sign and capital features are those which Habernal & Gurevych (2016), "Which argument is more
convincing?", ACL, found to tell better arguments from worse; the cover by passages stands for groundedness.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WORD = re.compile(r"[^\W\d_]+(?:['’]\w+)?")
_SENTENCE = re.compile(r"[^.!?…]+")
_CONNECTIVES = frozenset(
    {
        "because", "therefore", "thus", "since", "however", "although", "but", "while", "hence", "if", "so",
        "потому", "поэтому", "так", "однако", "хотя", "но", "если", "следовательно", "тогда", "значит",
    }
)  # fmt: skip
_FIRST = frozenset({"i", "my", "me", "mine", "я", "мне", "мой", "моя"})
_SECOND = frozenset({"you", "your", "yours", "ты", "вы", "ваш", "вам"})
NAMES = (
    "log_words", "log_characters", "letters_a_word", "distinct_words", "log_sentences", "words_a_sentence",
    "long_words", "shouted_words", "exclamations", "questions", "commas", "quotes", "digits", "links",
    "capital_starts", "line_breaks", "first_person", "second_person", "connectives", "log_distinct",
)  # fmt: skip
COVER_NAMES = ("words_in_passages", "trigrams_in_passages")


def lexical_features(texts: Sequence[str]) -> Floats:
    """Return the features `NAMES` of each text, shape (n, 20); shares are per word."""
    return np.array([_features(text) for text in texts], dtype=np.float64).reshape(len(texts), len(NAMES))


def cover_features(texts: Sequence[str], passages: Sequence[str]) -> Floats:
    """Return the shares of each text's words and trigrams that its joined passages hold, shape (n, 2)."""
    rows = [_cover(text, passage) for text, passage in zip(texts, passages, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(texts), len(COVER_NAMES))


def _features(text: str) -> list[float]:
    words = _WORD.findall(text)
    small = [word.lower() for word in words]
    sentences = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    count = max(len(words), 1)
    distinct = len(set(small))
    return [
        np.log1p(len(words)),
        np.log1p(len(text)),
        sum(map(len, words)) / count,
        distinct / count,
        np.log1p(len(sentences)),
        len(words) / max(len(sentences), 1),
        sum(len(word) > 6 for word in words) / count,
        sum(word.isupper() and len(word) > 1 for word in words) / count,
        *(text.count(sign) / count for sign in "!?,"),
        sum(text.count(sign) for sign in '"«“') / count,
        sum(map(str.isdigit, text)) / count,
        float("http" in text),
        sum(sentence[0].isupper() for sentence in sentences) / max(len(sentences), 1),
        text.count("\n") / count,
        *(sum(word in kind for word in small) / count for kind in (_FIRST, _SECOND, _CONNECTIVES)),
        np.log1p(distinct),
    ]


def _cover(text: str, passages: str) -> tuple[float, float]:
    own, other = _tokens(text), _tokens(passages)
    known, trigrams = set(other), set(_trigrams(other))
    mine = _trigrams(own)
    return (
        sum(word in known for word in own) / max(len(own), 1),
        sum(three in trigrams for three in mine) / max(len(mine), 1),
    )


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _trigrams(words: Sequence[str]) -> list[tuple[str, str, str]]:
    pairs = list(pairwise(words))
    return [(one, two, three) for (one, two), (_, three) in pairwise(pairs)]
