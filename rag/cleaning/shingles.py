"""Hash the three-word shingles of many texts at once, in arrays: cut word by word they take far longer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

SHINGLE_WORDS = 3
_BASE = 0x9E3779B97F4A7C15
_FACTORS = np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93], np.uint64)
_SIGNS = re.compile(r"[\W_]+")
_PLACES = 64  # letters of a word, after which the powers of the base begin again


def shingle_hashes(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hashes of the shingles, text after text, and how many each text has, at least one.

    Case, ё, punctuation and white space are levelled; letters and digits are kept. A text of fewer words than
    a shingle has one hash, of the whole text. The hash of a word is polynomial modulo 2**64.
    """
    levelled = [unicodedata.normalize("NFKC", text) for text in texts]
    words, starts = _word_hashes("\n" + "\n".join(levelled))
    bounds = np.cumsum([0, *(len(text) + 1 for text in levelled)])
    firsts = np.searchsorted(starts, bounds)  # the first word of each text, and the end
    counts = np.maximum(np.diff(firsts) - (SHINGLE_WORDS - 1), 1)
    found = np.empty(counts.sum(), np.uint64)
    ends = np.cumsum(counts)
    short = np.diff(firsts) < SHINGLE_WORDS
    whole = ends[short] - 1
    found[whole] = [_whole_hash(levelled[at]) for at in np.flatnonzero(short)]
    if len(words) >= SHINGLE_WORDS:
        mixed = (words[:-2] * _FACTORS[0]) ^ (words[1:-1] * _FACTORS[1]) ^ (words[2:] * _FACTORS[2])
        of = np.repeat(np.arange(len(texts)), np.diff(firsts))
        rest = np.ones(len(found), bool)
        rest[whole] = False
        found[rest] = mixed[of[:-2] == of[2:]]
    return found, counts


def _word_hashes(text: str) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hash of each word, and where it begins; the text begins with a line break."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = _levelled_letters().take(codes, mode="clip")
    inside = letters != 0
    starts = np.flatnonzero(inside[1:] & ~inside[:-1]) + 1
    if not len(starts):
        return np.empty(0, np.uint64), starts
    kept = letters[inside]
    firsts = np.cumsum(inside)[starts] - 1
    lengths = np.diff(firsts, append=len(kept))
    places = np.arange(len(kept)) - np.repeat(firsts, lengths)
    sums = np.add.reduceat(kept * _powers()[places % _PLACES], firsts)
    return sums ^ (sums >> np.uint64(32)), starts


def _whole_hash(text: str) -> int:
    """Return the hash of a text of one or two words, or of signs alone, which are compared as they stand."""
    levelled = text.lower().replace("ё", "е")
    words = _SIGNS.sub(" ", levelled).split() or levelled.split()
    return int.from_bytes(
        blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


@lru_cache(maxsize=1)
def _levelled_letters() -> NDArray[np.uint64]:
    """Return the small letter or digit for each code point, 0 for what stands between words."""
    letters = (chr(code).lower()[0] if chr(code).isalnum() else "\0" for code in range(0xFFFF))
    codes = [ord("е" if letter == "ё" else letter) for letter in letters]
    return np.array([*codes, 0], dtype=np.uint64)


@lru_cache(maxsize=1)
def _powers() -> NDArray[np.uint64]:
    return np.asarray(np.cumprod(np.full(_PLACES, _BASE, np.uint64)), np.uint64)
