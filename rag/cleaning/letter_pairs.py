"""Tell words from mashed keys by their pairs of letters."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from rag.cleaning.junk_patterns import LETTER_RUNS
from rag.cleaning.text_view import TextView

LETTER_PAIRS = Path(__file__).with_name("letter_pairs.json")


def rare_letter_pairs(view: TextView) -> float:
    """Return the share of the letter pairs of a text that are not usual in words of either language."""
    usual = usual_letter_pairs()
    found = Counter(a + b for run in LETTER_RUNS.findall(" ".join(view.words)) for a, b in pairwise(run))
    return sum(n for pair, n in found.items() if pair not in usual) / max(sum(found.values()), 1)


@lru_cache(maxsize=1)
def usual_letter_pairs() -> frozenset[str]:
    """Return the pairs of letters that words of either language are made of, by `train_junk`."""
    stored: dict[str, str] = json.loads(LETTER_PAIRS.read_text("utf-8"))
    return frozenset(pair for pairs in stored.values() for pair in pairs.split())
