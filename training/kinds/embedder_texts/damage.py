"""Damage a text as TSDAE does: leave out words at random."""

import re
from collections.abc import Sequence

import numpy as np


def leave_out_words(text: str, share: float, rng: np.random.Generator) -> str:
    """Leave out about this share of the words, never all of them."""
    words = text.split()
    if len(words) < 2:
        return text
    kept = rng.random(len(words)) >= share
    if not kept.any():
        kept[rng.integers(len(words))] = True
    return " ".join(word for word, stays in zip(words, kept, strict=True) if stays)


def split_sentences(texts: Sequence[str]) -> list[str]:
    """Cut texts into sentences of three words or more: a single vector holds little more than one."""
    pieces = [piece.strip() for text in texts for piece in re.split(r"(?<=[.!?…])\s+|\n+", text)]
    return [piece for piece in pieces if len(piece.split()) >= 3]
