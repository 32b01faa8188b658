"""Signal comments that were copied: from one pair to the next, or from another assessor.

Two comments are copies when they are equal after normalising, or share almost all of their word
trigrams. Short remarks ("A is shorter") are everybody's and do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from annotate.labelling.controls.signals.base import Finding, at_least, found

KIND = "copied_comments"
WORDS = 6  # a comment of fewer is not worth a copy
ALIKE = 0.8  # Jaccard similarity of word trigrams
TOLERATED = 0.2  # of the comments may follow a form of one's own
LEAST = 8  # long comments
_WORD = re.compile(r"\w+")


def copied_comments(comments: Sequence[str], others: Collection[str] = ()) -> Finding | None:
    """Return a finding when too many of one assessor's comments, each about another pair, are copies.

    The first of several equal comments is an original. `others` holds comments of other assessors.
    """
    own = [words for comment in comments if len(words := normalise(comment).split()) >= WORDS]
    if len(own) < LEAST:
        return None
    foreign = {" ".join(words) for other in others if len(words := normalise(other).split()) >= WORDS}
    texts = [" ".join(words) for words in own]
    taken = sum(text in foreign for text in texts)
    mine = Counter(text for text in texts if text not in foreign)
    repeated = sum(count - 1 for count in mine.values()) + _near_copies(list(mine))
    most = Counter(texts).most_common(1)[0][0]
    evidence = {
        "copies": taken + repeated,
        "of": len(own),
        "from_others": taken,
        "example": next(c for c in comments if normalise(c) == most),
    }
    return found(KIND, at_least(taken + repeated, len(own), TOLERATED), evidence)


def normalise(comment: str) -> str:
    """Return the words of a comment in lower case, without signs, ё written as е."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", comment).lower().replace("ё", "е")))


def _near_copies(texts: Sequence[str]) -> int:
    """Count the texts that are nearly equal to an earlier one; texts (n,) are all different."""
    seen: dict[str, list[int]] = defaultdict(list)
    sets: list[frozenset[str]] = []
    copies = 0
    for at, text in enumerate(texts):
        words = text.split()
        grams = frozenset(" ".join(words[start : start + 3]) for start in range(len(words) - 2))
        shared = Counter(other for gram in grams for other in seen[gram])
        copies += any(
            both / (len(grams) + len(sets[other]) - both) >= ALIKE for other, both in shared.items()
        )
        sets.append(grams)
        for gram in grams:
            seen[gram].append(at)
    return copies
