"""Which texts are the same, or nearly: by their words and by what they mean."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts -> unit vectors (n, d)."""

Way = Literal["exact", "words", "meaning"]

LEAST_JACCARD = 0.8
LEAST_COSINE = 0.98
"""For multilingual-e5-small. Of 400 English questions of XQuAD-R those nearer than 0.98 to another nearly all
ask the same in other words; at 0.97 every second one asks something else of the same passage."""
SHINGLE_WORDS, PERMUTATIONS, _SEED = 3, 128, 1
_BLOCK = 1024
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Near:
    """Say that text `one` is nearly text `other`, how it was found and how alike they are, 1 for equal."""

    one: str
    other: str
    way: Way
    likeness: float


def find_near(
    ones: Mapping[str, str],
    others: Mapping[str, str],
    embed: Embed | None = None,
    *,
    least_jaccard: float = LEAST_JACCARD,
    least_cosine: float = LEAST_COSINE,
) -> list[Near]:
    """Return for each text of `ones` (by key) the nearest of `others`, where it is near at all.

    Equal is what has the same words, whatever the case, ё, punctuation and space. Near by words is Jaccard
    similarity of three-word shingles (candidates by MinHash, Broder 1997); near by meaning the cosine of the
    vectors of `embed`, left out without it. The first way that finds a text names it.
    """
    left, found = dict(ones), []
    ways: list[Callable[[dict[str, str], Mapping[str, str]], list[Near]]] = [
        _same,
        lambda some, rest: _near_by_words(some, rest, least_jaccard),
    ]
    if embed is not None:
        ways.append(lambda some, rest: _near_by_meaning(some, rest, embed, least_cosine))
    for way in ways:
        if left and others:
            some = way(left, others)
            found += some
            for near in some:
                del left[near.one]
    return found


def level(text: str) -> str:
    """Return the words of a text in small letters, ё as е, a space between; signs alone stay as they are."""
    words = _WORDS.findall(unicodedata.normalize("NFKC", text).lower().replace("ё", "е"))
    return " ".join(words) or text.strip()


def shingles(text: str) -> set[str]:
    """Return the three-word shingles of a text; a shorter text is one shingle."""
    words = level(text).split()
    return {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(max(1, len(words) - SHINGLE_WORDS + 1))}


def _same(ones: dict[str, str], others: Mapping[str, str]) -> list[Near]:
    known = {level(text): key for key, text in others.items()}
    pairs = ((key, known.get(level(text))) for key, text in ones.items())
    return [Near(key, other, "exact", 1.0) for key, other in pairs if other is not None]


def _near_by_words(ones: dict[str, str], others: Mapping[str, str], least: float) -> list[Near]:
    from rensa import RMinHash, RMinHashLSH

    keys = list(others)
    cut = [shingles(others[key]) for key in keys]
    index = RMinHashLSH(_below(least), PERMUTATIONS, _bands(least))
    index.insert_many(RMinHash.from_token_sets([sorted(one) for one in cut], PERMUTATIONS, _SEED))
    found = []
    mine = [shingles(text) for text in ones.values()]
    signed = RMinHash.from_token_sets([sorted(one) for one in mine], PERMUTATIONS, _SEED)
    for one, own, sign in zip(ones, mine, signed, strict=True):
        likeness = {at: len(own & cut[at]) / len(own | cut[at]) for at in index.query(sign)}
        best = max(likeness, key=lambda at: (likeness[at], -at), default=None)
        if best is not None and likeness[best] >= least:
            found.append(Near(one, keys[best], "words", likeness[best]))
    return found


def _near_by_meaning(
    ones: dict[str, str], others: Mapping[str, str], embed: Embed, least: float
) -> list[Near]:
    keys, rest = list(ones), list(others)
    vectors, against = embed([ones[key] for key in keys]), embed([others[key] for key in rest])
    found = []
    for start in range(0, len(keys), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ against.T
        best = cosines.argmax(axis=1)
        for at, other in enumerate(best.tolist()):
            if cosines[at, other] >= least:
                found.append(
                    Near(keys[start + at], rest[other], "meaning", float(min(1, cosines[at, other])))
                )
    return found


def _below(threshold: float) -> float:
    return min(threshold, 0.99)  # the index takes a threshold below 1


def _bands(threshold: float) -> int:
    """Return the number of bands that miss at most one in a hundred pairs on the threshold.

    Source: Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", section 3.4.
    """
    widths = (
        width for width in (32, 16, 8, 4, 2) if (1 - threshold**width) ** (PERMUTATIONS // width) <= 0.01
    )
    return PERMUTATIONS // next(widths, 1)
