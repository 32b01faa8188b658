"""Make worse twins of good answers, so that subjective pairs have honest controls: one kind a file.

Pure functions: a good answer and a generator of chance go in, candidates come out in random order.
Whether a twin really is worse is checked by whoever asks for it (`annotate.jobs.gold`).
"""

from collections.abc import Callable, Iterator

import numpy as np

from annotate.errors import LabellingError
from annotate.labelling.controls.corruption import (
    dropped_fact,
    other_language,
    swapped_number,
    unsupported_sentence,
    wrong_citation,
)
from annotate.labelling.controls.corruption.base import Corruption, Original, Source, is_sound

Corrupt = Callable[[Original, np.random.Generator], Iterator[Corruption]]

KINDS: dict[str, Corrupt] = {
    dropped_fact.KIND: dropped_fact.dropped_fact,
    wrong_citation.KIND: wrong_citation.wrong_citation,
    swapped_number.KIND: swapped_number.swapped_number,
    unsupported_sentence.KIND: unsupported_sentence.unsupported_sentence,
    other_language.KIND: other_language.other_language,
}


def corruptions(original: Original, kind: str, rng: np.random.Generator) -> Iterator[Corruption]:
    """Yield the twins of one kind that differ from the original and cite only passages that exist.

    Raises LabellingError for an unknown kind.
    """
    if kind not in KINDS:
        raise LabellingError(f"unknown corruption {kind}; known: {', '.join(KINDS)}")
    return (made for made in KINDS[kind](original, rng) if is_sound(original, made))


__all__ = ["KINDS", "Corruption", "Original", "Source", "corruptions", "is_sound"]
